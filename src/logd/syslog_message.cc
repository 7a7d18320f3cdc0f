// SPDX-License-Identifier: MIT
#include "logd/syslog_message.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/utf8.h"
#include "logd/net_feed.h"
#include "model/log_level.h"

namespace foster {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";
constexpr std::size_t kMostAppName = 48;
constexpr std::size_t kMostHost = 255;
constexpr std::size_t kCutMarkBytes = 40;
constexpr std::uint32_t kMostFacility = 23;
constexpr int kWarning = 4;

int SeverityOf(const SourceLine& line) {
  const auto level = LevelOf(line.text);
  if (!level) return line.stream == 0 ? 6 : kWarning;
  switch (*level) {
    case LogLevel::kTrace:
    case LogLevel::kDebug:
      return 7;
    case LogLevel::kInfo:
      return 6;
    case LogLevel::kWarn:
      return 4;
    case LogLevel::kError:
      return 3;
    case LogLevel::kFatal:
      return 2;
  }
  return 6;
}

std::string Name(std::string_view text, std::size_t most) {
  std::string name(text.substr(0, most));
  for (char& c : name)
    if (c <= 0x20 || c >= 0x7f) c = '_';
  return name.empty() ? "-" : name;
}

// "2026-11-21T07:32:35.863392Z"
std::string TimeStamp(std::int64_t wall) {
  if (wall <= 0) return "-";
  const std::time_t seconds = wall / 1'000'000'000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%06dZ", static_cast<int>(wall / 1000 % 1'000'000));
  return text;
}

std::string Head(const SyslogOrigin& origin, int severity, std::int64_t wall) {
  const std::uint32_t facility = std::min(origin.facility, kMostFacility);
  return "<" + std::to_string(facility * 8 + static_cast<unsigned>(severity)) + ">1 " + TimeStamp(wall) +
         " " + Name(origin.host, kMostHost) + " " + Name(origin.service, kMostAppName) + " ";
}

bool IsControl(char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }

void AppendOctal(char c, std::string* out) {
  const auto byte = static_cast<unsigned char>(c);
  out->push_back('#');
  for (int shift : {6, 3, 0}) out->push_back(static_cast<char>('0' + (byte >> shift & 7)));
}

// How many bytes of `text` were appended in at most `room` bytes.
std::size_t AppendText(std::string_view text, std::size_t room, std::string* out) {
  const std::size_t limit = out->size() + room;
  std::size_t i = 0;
  while (i < text.size()) {
    const bool is_control = IsControl(text[i]);
    const std::size_t length = std::max<std::size_t>(Utf8CharacterAt(text, i), 1);
    if (out->size() + (is_control ? 4 : length) > limit) break;
    if (is_control) {
      AppendOctal(text[i], out);
    } else {
      out->append(text, i, length);
    }
    i += length;
  }
  return i;
}

bool HasHighBytes(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

}  // namespace

std::string SyslogMessage(const SyslogOrigin& origin, const SourceLine& line, std::size_t most) {
  std::string out = Head(origin, SeverityOf(line), line.wall);
  out += line.incarnation != 0 ? std::to_string(line.incarnation) : "-";
  out += line.stream == 0 ? " stdout " : " stderr ";
  out += "[foster@32473 seq=\"" + std::to_string(line.seq) + "\" mono=\"" + std::to_string(line.mono) +
         "\" incarnation=\"" + std::to_string(line.incarnation) + "\"";
  if (line.is_continued) out += " continued=\"1\"";
  if (line.is_cut) out += " cut=\"1\"";
  out += "] ";
  if (HasHighBytes(line.text) && IsUtf8(line.text)) out += kBom;
  const std::size_t before = out.size();
  const std::size_t room = most > before + kCutMarkBytes ? most - before - kCutMarkBytes : 0;
  std::size_t taken = AppendText(line.text, room + kCutMarkBytes, &out);
  if (taken == line.text.size()) return out;
  out.resize(before);
  taken = AppendText(line.text, room, &out);
  return out + " [" + std::to_string(line.text.size() - taken) + " bytes cut]";
}

std::string SyslogSkipMessage(const SyslogOrigin& origin, std::uint64_t bytes, std::int64_t wall) {
  return Head(origin, kWarning, wall) + "- skipped [foster@32473 skipped=\"" + std::to_string(bytes) +
         "\"] " + SkippedText(bytes);
}

}  // namespace foster
