// SPDX-License-Identifier: MIT
#include "logd/otlp_sink.h"

#include <charconv>

#include "base/ascii.h"
#include "logfile/json_text.h"
#include "model/check_log.h"
#include "model/log_level.h"
#include "wire/json.h"

namespace foster {
namespace {

// {"key":"...","value":{"stringValue":"..."}}
void AppendString(std::string_view key, std::string_view value, std::string* out) {
  *out += "{\"key\":";
  AppendJsonString(key, out);
  *out += ",\"value\":{\"stringValue\":";
  AppendJsonString(value, out);
  *out += "}}";
}

// 64-bit numbers are strings in protobuf's JSON.
void AppendNumber(std::string_view key, std::uint64_t value, std::string* out) {
  *out +=
      ",{\"key\":\"" + std::string(key) + "\",\"value\":{\"intValue\":\"" + std::to_string(value) + "\"}}";
}

void AppendFlag(std::string_view key, std::string* out) {
  *out += ",{\"key\":\"" + std::string(key) + "\",\"value\":{\"boolValue\":true}}";
}

void AppendResource(const PushOrigin& origin, std::string* out) {
  AppendString("service.name", origin.service, out);
  const auto add = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out->push_back(',');
    AppendString(key, value, out);
  };
  add("service.namespace", origin.workload);
  add("service.instance.id", origin.boot);
  add("host.name", origin.host);
  add("foster.boot", origin.boot);
  std::size_t count = 0;
  for (const std::string& label : origin.labels) {
    const std::size_t equals = label.find('=');
    if (equals == 0 || equals == std::string::npos || ++count > kMostSinkLabels) continue;
    add(label.substr(0, equals), label.substr(equals + 1));
  }
}

void AppendTimes(std::int64_t wall, std::string* out) {
  const std::string text = std::to_string(wall);
  *out += "{\"timeUnixNano\":\"" + text + "\",\"observedTimeUnixNano\":\"" + text + "\"";
}

// The data model leaves four numbers to each level; the first is the plain one.
void AppendSeverity(LogLevel level, std::string* out) {
  *out += ",\"severityNumber\":" + std::to_string(static_cast<int>(level) * 4 + 1);
  *out += ",\"severityText\":\"" + ToUpper(NameOf(level)) + "\"";
}

void AppendBody(std::string_view text, std::string* out) {
  *out += ",\"body\":{\"stringValue\":";
  AppendJsonString(text, out);
  *out += "},\"attributes\":[";
}

void AppendLine(const SourceLine& line, std::string* out) {
  AppendTimes(line.wall, out);
  if (const auto level = LevelOf(line.text)) AppendSeverity(*level, out);
  AppendBody(line.text, out);
  AppendString("log.iostream", line.stream == 0 ? "stdout" : "stderr", out);
  AppendNumber("foster.seq", line.seq, out);
  if (line.incarnation != 0) AppendNumber("foster.incarnation", line.incarnation, out);
  if (line.is_continued) AppendFlag("foster.continued", out);
  if (line.is_cut) AppendFlag("foster.cut", out);
  *out += "]}";
}

void AppendSkip(const PushBatch& batch, std::string* out) {
  AppendTimes(batch.now_wall, out);
  AppendSeverity(LogLevel::kWarn, out);
  AppendBody(SkippedText(batch.skipped), out);
  AppendString("log.iostream", "foster", out);
  AppendNumber("foster.skipped_bytes", batch.skipped, out);
  *out += "]}";
}

}  // namespace

std::string OtlpFormat::Body(const PushBatch& batch) const {
  std::string out = "{\"resourceLogs\":[{\"resource\":{\"attributes\":[";
  AppendResource(batch.origin, &out);
  out += "]},\"scopeLogs\":[{\"scope\":{\"name\":\"foster\",\"version\":\"" FOSTER_VERSION
         "\"},\"logRecords\":[";
  bool is_first = batch.skipped == 0;
  if (!is_first) AppendSkip(batch, &out);
  for (const SourceLine& line : batch.lines) {
    if (!std::exchange(is_first, false)) out.push_back(',');
    AppendLine(line, &out);
  }
  return out + "]}]}]}";
}

std::uint64_t OtlpFormat::Rejected(std::string_view answer) const {
  if (answer.find("partialSuccess") == std::string_view::npos) return 0;
  const auto json = ParseJson(answer);
  if (!json.ok()) return 0;
  const Json& rejected = (*json)["partialSuccess"]["rejectedLogRecords"];
  std::uint64_t count = rejected.AsInt() > 0 ? static_cast<std::uint64_t>(rejected.AsInt()) : 0;
  const std::string& text = rejected.AsString();
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::unique_ptr<Sink> MakeOtlpSink(SinkPlace place) {
  return std::make_unique<PushSink>(std::move(place), std::make_unique<OtlpFormat>());
}

}  // namespace foster
