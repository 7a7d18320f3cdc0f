// SPDX-License-Identifier: MIT
#include "logfile/line_parser.h"

#include <algorithm>
#include <array>

#include "logfile/time_stamp.h"
#include "wire/json.h"

namespace foster {
namespace {

constexpr std::size_t kMostDetectLines = 20;
constexpr std::size_t kMostObject = 512 * 1024;  // a line of kLogLineMost bytes, all of them escaped

bool HasTai64n(std::string_view line) {
  return line.size() > kTai64nStampSize && line[kTai64nStampSize] == ' ' &&
         ReadTai64nStamp(line.substr(0, kTai64nStampSize)).has_value();
}

bool HasIso(std::string_view line) {
  return line.size() > kIsoStampSize + 1 && line.substr(kIsoStampSize, 2) == "  " &&
         ReadIsoStamp(line.substr(0, kIsoStampSize)).has_value();
}

std::optional<Json> ReadObject(std::string_view line) {
  if (!line.starts_with("{\"") || line.size() > kMostObject) return std::nullopt;
  Result<Json> object = ParseJson(line);
  if (!object.ok() || !object->is_object()) return std::nullopt;
  return std::move(*object);
}

template <std::size_t kCount>
bool HasOnly(const Json& object, const std::array<std::string_view, kCount>& names) {
  return std::all_of(object.AsObject().begin(), object.AsObject().end(),
                     [&names](const Json::Member& member) {
                       return std::find(names.begin(), names.end(), member.first) != names.end();
                     });
}

bool IsOurs(const Json& object) {
  static constexpr std::array<std::string_view, 8> kNames = {"time", "service", "stream",    "incarnation",
                                                             "seq",  "text",    "continued", "partial"};
  return HasOnly(object, kNames) && object["time"].is_string() && object["service"].is_string() &&
         object["text"].is_string();
}

// A service may well write JSON itself: only what has nothing but process-compose's own members is its.
bool IsProcessCompose(const Json& object) {
  static constexpr std::array<std::string_view, 5> kNames = {"level", "process", "replica", "time",
                                                             "message"};
  const std::string& level = object["level"].AsString();
  return HasOnly(object, kNames) && (level == "info" || level == "error") &&
         (object["process"].is_string() || !object.Has("process"));
}

// "\x1b[...m" left out.
void AppendWithoutColour(std::string_view text, std::string* out) {
  while (!text.empty()) {
    const std::size_t escape = std::min(text.find("\x1b["), text.size());
    out->append(text.substr(0, escape));
    text.remove_prefix(escape);
    if (text.empty()) return;
    const std::size_t end = text.find_first_not_of("0123456789;", 2);
    const bool is_colour = end != std::string_view::npos && text[end] == 'm';
    if (!is_colour) out->append(text.substr(0, 2));
    text.remove_prefix(is_colour ? end + 1 : 2);
  }
}

// " process=web replica=0" at the end of `*line`, taken off.
bool TakeMetadata(std::string_view* line, ParsedLine* parsed) {
  constexpr std::string_view kProcess = " process=";
  constexpr std::string_view kReplica = " replica=";
  const std::size_t replica = line->rfind(kReplica);
  const std::size_t process = replica == std::string_view::npos ? replica : line->rfind(kProcess, replica);
  if (process == std::string_view::npos) return false;
  const std::optional<std::uint64_t> number = ReadNumber(line->substr(replica + kReplica.size()));
  if (!number || *number > UINT32_MAX) return false;
  parsed->replica = static_cast<std::uint32_t>(*number);
  parsed->service = line->substr(process + kProcess.size(), replica - process - kProcess.size());
  *line = line->substr(0, process);
  return true;
}

std::optional<LogFormat> FormatOf(std::string_view line) {
  if (ReadNativeHeader(line) || ReadNativeLine(line)) return LogFormat::kFoster;
  if (HasTai64n(line)) return LogFormat::kTai64n;
  if (HasIso(line)) return LogFormat::kIso;
  if (const std::optional<Json> object = ReadObject(line)) {
    if (IsOurs(*object)) return LogFormat::kJson;
    if (IsProcessCompose(*object)) return LogFormat::kProcessComposeJson;
  }
  std::string plain;
  AppendWithoutColour(line, &plain);
  std::string_view rest = plain;
  ParsedLine parsed;
  const bool has_level = plain.find(" INF ") < 64 || plain.find(" ERR ") < 64;
  if (has_level && TakeMetadata(&rest, &parsed)) return LogFormat::kProcessComposeConsole;
  return std::nullopt;
}

std::optional<std::uint64_t> NumberOf(const Json& value) {
  if (!value.is_int() || value.AsInt() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value.AsInt());
}

}  // namespace

// Every line that ends in `beginning` has to agree: half a line may stand at the start of a file whose older
// part was rotated away, so that line alone may be of any form.
LogFormat DetectLogFormat(std::string_view beginning) {
  std::optional<LogFormat> found;
  for (std::size_t i = 0; i < kMostDetectLines && !beginning.empty(); ++i) {
    const std::size_t end = beginning.find('\n');
    if (end == std::string_view::npos && i > 0) break;
    const std::string_view line = beginning.substr(0, std::min(end, kMostObject));
    beginning.remove_prefix(std::min(line.size() + 1, beginning.size()));
    if (ReadNativeSkip(line)) continue;
    const std::optional<LogFormat> format = FormatOf(line);
    if (format == LogFormat::kFoster) return *format;
    if (!format && i == 0) continue;
    if (!format || (found && *found != *format)) return LogFormat::kRaw;
    found = format;
  }
  return found.value_or(LogFormat::kRaw);
}

ParsedLine LineParser::Parse(std::string_view line) {
  ParsedLine parsed;
  parsed.text = line;
  switch (format_) {
    case LogFormat::kRaw:
      return parsed;
    case LogFormat::kTai64n:
      if (!HasTai64n(line)) return parsed;
      parsed.wall = ReadTai64nStamp(line.substr(0, kTai64nStampSize));
      parsed.text = line.substr(kTai64nStampSize + 1);
      return parsed;
    case LogFormat::kIso:
      if (!HasIso(line)) return parsed;
      parsed.wall = ReadIsoStamp(line.substr(0, kIsoStampSize));
      parsed.text = line.substr(kIsoStampSize + 2);
      return parsed;
    case LogFormat::kFoster:
      return ParseNative(line);
    case LogFormat::kJson:
    case LogFormat::kProcessComposeJson:
      return ParseObject(line);
    case LogFormat::kProcessComposeConsole:
      return ParseConsole(line);
  }
  return parsed;
}

ParsedLine LineParser::ParseNative(std::string_view line) {
  ParsedLine parsed;
  parsed.text = line;
  parsed.service = header_.service;
  if (line.starts_with('#')) {
    if (std::optional<NativeHeader> header = ReadNativeHeader(line)) {
      header_ = std::move(*header);
      parsed.kind = ParsedKind::kHeader;
      parsed.wall = header_.began;
      parsed.service = header_.service;
    } else if (const std::optional<NativeSkip> skip = ReadNativeSkip(line)) {
      parsed.kind = ParsedKind::kSkip;
      parsed.skipped_bytes = skip->bytes;
      parsed.text = skip->reason;
    }
    return parsed;
  }
  const std::optional<FormatLineInput> read = ReadNativeLine(line);
  if (!read) return parsed;
  parsed.wall = read->wall;
  parsed.mono = read->mono;
  parsed.seq = read->seq;
  parsed.incarnation = read->incarnation;
  parsed.stream = read->stream;
  parsed.is_continued = read->is_continued;
  parsed.is_cut = read->is_cut;
  parsed.end = read->end;
  parsed.text = read->text;
  return parsed;
}

// Ours and process-compose's: no member of one means another thing in the other.
ParsedLine LineParser::ParseObject(std::string_view line) {
  ParsedLine parsed;
  parsed.text = line;
  const std::optional<Json> object = ReadObject(line);
  if (!object || !(format_ == LogFormat::kJson ? IsOurs(*object) : IsProcessCompose(*object))) return parsed;
  const Json& message = (*object)[format_ == LogFormat::kJson ? "text" : "message"];
  text_ = message.AsString();
  service_ = (*object)[format_ == LogFormat::kJson ? "service" : "process"].AsString();
  parsed.text = text_;
  parsed.service = service_;
  parsed.wall = ReadRfc3339((*object)["time"].AsString());
  parsed.seq = NumberOf((*object)["seq"]).value_or(0);
  parsed.incarnation = NumberOf((*object)["incarnation"]).value_or(0);
  parsed.is_continued = (*object)["continued"].AsBool();
  parsed.is_cut = (*object)["partial"].AsBool();
  const std::string& stream = (*object)["stream"].AsString();
  const std::string& level = (*object)["level"].AsString();
  if (stream == "stdout" || level == "info") parsed.stream = 0;
  if (stream == "stderr" || level == "error") parsed.stream = 1;
  const std::optional<std::uint64_t> replica = NumberOf((*object)["replica"]);
  if (replica && *replica <= UINT32_MAX) parsed.replica = static_cast<std::uint32_t>(*replica);
  return parsed;
}

// "3:04PM INF text process=web replica=0": the layout of the time is not known here, so it is left out.
ParsedLine LineParser::ParseConsole(std::string_view line) {
  ParsedLine parsed;
  parsed.text = line;
  text_.clear();
  AppendWithoutColour(line, &text_);
  std::string_view rest = text_;
  if (!TakeMetadata(&rest, &parsed)) return parsed;
  const std::size_t info = rest.find(" INF");
  const std::size_t error = rest.find(" ERR");
  const std::size_t level = std::min(info, error);
  if (level == std::string_view::npos) return parsed;
  parsed.stream = error < info ? 1 : 0;
  parsed.text = rest.substr(std::min(level + 5, rest.size()));
  return parsed;
}

}  // namespace foster
