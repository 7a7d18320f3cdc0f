// SPDX-License-Identifier: MIT
#include "formats/report.h"

#include "base/ascii.h"
#include "formats/text_source.h"
#include "model/http_url.h"

namespace foster {
namespace {

constexpr std::size_t kMostAbove = 4096;  // lines that are looked at for what a line belongs to

std::size_t IndentOf(std::string_view line) { return line.find_first_not_of(" \t-"); }

// Where the value of a key `headers` begins in the line; npos = nowhere.
std::size_t HeadersIn(std::string_view line) {
  constexpr std::string_view kKey = "headers";
  for (std::size_t at = 0; (at = line.find(kKey, at)) != std::string_view::npos;) {
    at += kKey.size();
    const std::size_t colon = line.find_first_not_of(" \t\"'", at);
    if (colon != std::string_view::npos && line[colon] == ':') return colon + 1;
  }
  return std::string_view::npos;
}

// By the text alone, for a file that is no YAML has lines to show as well.
bool IsBelowHeaders(const TextSource& source, std::size_t number) {
  std::size_t indent = IndentOf(source.Line(number));
  const std::size_t first = number > kMostAbove ? number - kMostAbove : 1;
  for (std::size_t i = number - 1; i >= first && indent > 0 && indent != std::string_view::npos; --i) {
    const std::string_view line = source.Line(i);
    if (IndentOf(line) >= indent) continue;  // empty lines, too: npos
    if (HeadersIn(line) != std::string_view::npos) return true;
    indent = IndentOf(line);
  }
  return false;
}

// The line as everybody may see it; columns stay.
std::string ShownLine(const TextSource& source, std::size_t number) {
  std::string line = WithoutCredentials(source.Line(number));
  std::size_t begin = HeadersIn(line);
  if (begin == std::string::npos && IsBelowHeaders(source, number)) begin = IndentOf(line);
  for (std::size_t i = begin; i < line.size(); ++i)
    if (line[i] != ' ') line[i] = '*';
  return CutLine(line);
}

}  // namespace

void Report::Error(const Origin& origin, std::string text, std::string hint) {
  ++error_count_;
  Add(Severity::kError, origin, std::move(text), std::move(hint));
}

void Report::Warning(const Origin& origin, std::string text, std::string hint) {
  Add(Severity::kWarning, origin, std::move(text), std::move(hint));
}

void Report::Note(const Origin& origin, std::string text, std::string hint) {
  Add(Severity::kNote, origin, std::move(text), std::move(hint));
}

void Report::Add(Severity severity, const Origin& origin, std::string text, std::string hint) {
  if (out_->size() == kMaxDiagnostics) {
    // The last one says so; it is an error as soon as one of those left out is.
    out_->push_back({severity, {origin.file, 0, 0}, "more was found and is left out here", "", ""});
    return;
  }
  if (out_->size() > kMaxDiagnostics) {
    if (severity == Severity::kError) out_->back().severity = severity;
    return;
  }
  std::string line;
  for (const TextSource* source : sources_) {
    if (origin.line == 0 || source->path() != origin.file) continue;
    line = ShownLine(*source, origin.line);
    break;
  }
  out_->push_back({severity, origin, WithoutCredentials(text), WithoutCredentials(hint), std::move(line)});
}

std::string Quote(std::string_view text) {
  constexpr std::size_t kMost = 80;
  bool is_cut = text.size() > kMost;
  std::size_t end = is_cut ? kMost : text.size();
  while (is_cut && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  std::string out = "'";
  for (char c : text.substr(0, end)) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    } else {
      out += c;
    }
  }
  out += is_cut ? "…'" : "'";
  return out;
}

}  // namespace foster
