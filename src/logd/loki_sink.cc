// SPDX-License-Identifier: MIT
#include "logd/loki_sink.h"

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "base/utf8.h"
#include "logfile/json_text.h"
#include "model/log_level.h"

namespace foster {
namespace {

// [a-zA-Z_][a-zA-Z0-9_]*
std::string LabelName(std::string_view text) {
  std::string name(text.substr(0, 128));
  for (char& c : name) {
    const bool is_letter = ToLower(c) >= 'a' && ToLower(c) <= 'z';
    if (!is_letter && !(c >= '0' && c <= '9')) c = '_';
  }
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') name.insert(0, "_");
  return name;
}

// What is configured wins over what foster would say.
std::map<std::string, std::string> LabelsOf(const PushOrigin& origin, std::string_view stream) {
  std::map<std::string, std::string> labels{{"service", origin.service}, {"stream", std::string(stream)}};
  if (!origin.workload.empty()) labels["workload"] = origin.workload;
  if (!origin.host.empty()) labels["host"] = origin.host;
  for (const std::string& label : origin.labels) {
    const std::size_t equals = label.find('=');
    if (equals == 0 || equals == std::string::npos) continue;
    const std::string name = LabelName(std::string_view(label).substr(0, equals));
    if (labels.size() < kLokiLabels || labels.count(name) > 0) labels[name] = label.substr(equals + 1);
  }
  return labels;
}

void AppendMember(std::string_view name, std::string_view value, std::string* out) {
  if (out->back() != '{') out->push_back(',');
  AppendJsonString(name, out);
  out->push_back(':');
  AppendJsonString(value, out);
}

void AppendEntry(std::int64_t wall, std::string_view text, std::string* out) {
  if (out->back() != '[') out->push_back(',');
  *out += "[\"" + std::to_string(wall) + "\",";
  AppendJsonString(text, out);
}

}  // namespace

void LokiFormat::AppendLine(const SourceLine& line, std::string* out) const {
  AppendEntry(line.wall, line.text, out);
  if (has_metadata_) {
    *out += ",{";
    AppendMember("seq", std::to_string(line.seq), out);
    if (line.incarnation != 0) AppendMember("incarnation", std::to_string(line.incarnation), out);
    if (const auto level = LevelOf(line.text)) AppendMember("level", NameOf(*level), out);
    if (line.is_continued) AppendMember("continued", "true", out);
    if (line.is_cut) AppendMember("cut", "true", out);
    out->push_back('}');
  }
  out->push_back(']');
}

void LokiFormat::AppendStream(const PushBatch& batch, std::uint32_t stream, std::string* out) const {
  const auto is_of = [stream](const SourceLine& line) { return line.stream == stream; };
  const bool tells_skip = batch.skipped > 0 && batch.lines.front().stream == stream;
  if (!tells_skip && std::none_of(batch.lines.begin(), batch.lines.end(), is_of)) return;
  if (out->back() != '[') out->push_back(',');
  *out += "{\"stream\":{";
  for (const auto& [name, value] : LabelsOf(batch.origin, stream == 0 ? "stdout" : "stderr"))
    AppendMember(name, std::string_view(value).substr(0, Utf8CutAt(value, kLokiLabelBytes)), out);
  *out += "},\"values\":[";
  if (tells_skip) {
    // With the time of the line that follows, for an old Loki takes none that is older than its last.
    AppendEntry(batch.lines.front().wall, SkippedText(batch.skipped), out);
    out->push_back(']');
  }
  for (const SourceLine& line : batch.lines)
    if (is_of(line)) AppendLine(line, out);
  *out += "]}";
}

std::string LokiFormat::Body(const PushBatch& batch) const {
  std::string out = "{\"streams\":[";
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) AppendStream(batch, stream, &out);
  return out + "]}";
}

bool LokiFormat::Adapt(unsigned status, std::string_view answer) {
  if (status != 400 || !has_metadata_) return false;
  if (ToLower(answer).find("structured metadata") == std::string::npos) return false;
  has_metadata_ = false;
  return true;
}

std::unique_ptr<Sink> MakeLokiSink(SinkPlace place) {
  return std::make_unique<PushSink>(std::move(place), std::make_unique<LokiFormat>());
}

}  // namespace foster
