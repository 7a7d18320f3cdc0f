// SPDX-License-Identifier: MIT
#include "formats/text_source.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "formats/read.h"
#include "formats/report.h"

namespace foster {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }  // read only: nothing can be lost
};

// Length of the character that starts at `at`, 0 when it is not well-formed (overlong and surrogates
// included).
std::size_t Utf8Length(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  unsigned lead = byte(at), second = byte(at + 1);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(at + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (lead == 0xE0 && second < 0xA0) return 0;
    if (lead == 0xED && second > 0x9F) return 0;
    return tail(at + 1) && tail(at + 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (lead == 0xF0 && second < 0x90) return 0;
    if (lead == 0xF4 && second > 0x8F) return 0;
    return tail(at + 1) && tail(at + 2) && tail(at + 3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

TextSource::TextSource(std::string path, std::string_view text) : path_(std::move(path)), text_(text) {
  starts_.push_back(0);
  for (std::size_t at = text_.find('\n'); at != std::string_view::npos; at = text_.find('\n', at + 1))
    starts_.push_back(at + 1);
}

std::string_view TextSource::Line(std::size_t number) const {
  if (number == 0 || number > starts_.size()) return {};
  std::size_t begin = starts_[number - 1];
  std::size_t end = number < starts_.size() ? starts_[number] - 1 : text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  return text_.substr(begin, end - begin);
}

Origin TextSource::At(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  auto line = static_cast<std::size_t>(next - starts_.begin());
  return Origin{path_, static_cast<std::uint32_t>(line),
                static_cast<std::uint32_t>(offset - starts_[line - 1] + 1)};
}

Result<std::string> ReadConfigFile(const std::string& path) {
  std::error_code error;
  auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    return Error("cannot read " + path + ": no such file", ENOENT);
  if (error) return Error("cannot read " + path + ": " + error.message(), error.value());
  // A pipe or a device could block or never end.
  if (!std::filesystem::is_regular_file(status)) return Error("cannot read " + path + ": not a regular file");
  auto size = std::filesystem::file_size(path, error);
  if (error) return Error("cannot read " + path + ": " + error.message(), error.value());
  auto too_big = [&] {
    return Error("cannot read " + path + ": more than " + std::to_string(kMaxConfigBytes) + " bytes", EFBIG);
  };
  if (size > kMaxConfigBytes) return too_big();
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  if (!file) return Error::FromErrno("cannot read " + path);
  std::string text;
  char buffer[16384];
  while (std::size_t got = std::fread(buffer, 1, sizeof buffer, file.get())) {
    text.append(buffer, got);
    if (text.size() > kMaxConfigBytes) return too_big();  // it grew, or is a file of /proc without a size
  }
  if (std::ferror(file.get())) return Error::FromErrno("cannot read " + path);
  return text;
}

std::string CutLine(std::string_view line) {
  constexpr std::size_t kMost = 200;
  if (line.size() <= kMost) return std::string(line);
  std::size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0u) == 0x80u) --end;
  return std::string(line.substr(0, end));
}

std::size_t FindInvalidUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = Utf8Length(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

bool CheckText(const TextSource& source, Report& report) {
  std::string_view text = source.text();
  if (text.size() > kMaxConfigBytes) {
    report.Error(source.Whole(), "the file has more than " + std::to_string(kMaxConfigBytes) + " bytes");
    return false;
  }
  bool good = true;
  if (auto at = text.find('\0'); at != std::string_view::npos) {
    report.Error(source.At(at), "the file holds a NUL byte",
                 "a config file is text; is this the right file?");
    good = false;
  }
  for (std::size_t line = 1; line <= source.line_count(); ++line) {
    if (source.Line(line).size() < kMaxLineBytes) continue;
    report.Error(Origin{source.path(), static_cast<std::uint32_t>(line), 1},
                 "the line has " + std::to_string(source.Line(line).size()) + " bytes, " +
                     std::to_string(kMaxLineBytes - 1) + " are allowed");
    good = false;
    break;
  }
  if (auto at = good ? FindInvalidUtf8(text) : std::string_view::npos; at != std::string_view::npos) {
    report.Error(source.At(at), "the file is not UTF-8", "save it as UTF-8");
    good = false;
  }
  return good;
}

}  // namespace foster
