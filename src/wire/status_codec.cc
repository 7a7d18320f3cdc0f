// SPDX-License-Identifier: MIT
#include "wire/status_codec.h"

#include <algorithm>

#include "base/base64.h"
#include "base/utf8.h"
#include "wire/plan_codec.h"

namespace foster {
namespace {

Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json OptionalInt(const std::optional<int>& value) { return value ? Json(*value) : Json(); }

std::optional<int> IntOrNothing(const Json& json) {
  if (!json.is_int()) return std::nullopt;
  return static_cast<int>(std::clamp<std::int64_t>(json.AsInt(), INT32_MIN, INT32_MAX));
}

int SmallInt(const Json& json, int otherwise) { return IntOrNothing(json).value_or(otherwise); }

std::uint64_t Count(const Json& json) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(json.AsInt(), 0));
}

std::uint32_t SmallCount(const Json& json, std::uint32_t otherwise) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(json.AsInt(static_cast<std::int64_t>(otherwise)), 0, UINT32_MAX));
}

Json TextArray(const std::vector<std::string>& texts) {
  Json::Array array;
  for (const auto& text : texts) array.emplace_back(text);
  return array;
}

// Most lines are plain ASCII and need no second look. True: it was such a text.
bool AppendText(const std::string& text, std::string* out) {
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  if (!std::all_of(text.begin(), text.end(), is_plain)) {
    out->append(Json(text).Dump());
    return false;
  }
  out->push_back('"');
  out->append(text).push_back('"');
  return true;
}

std::vector<std::string> Texts(const Json& json) {
  std::vector<std::string> texts;
  for (const auto& item : json.AsArray()) texts.push_back(item.AsString());
  return texts;
}

}  // namespace

Json ToJson(const ServiceStatus& status) {
  Json json;
  json.Set("name", status.name).Set("workload", status.workload).Set("group", status.group);
  json.Set("type", status.type).Set("description", status.description);
  json.Set("goal", NameOf(status.goal)).Set("state", NameOf(status.state)).Set("ready", status.ready);
  json.Set("internal", status.internal).Set("autostart", status.autostart).Set("priority", status.priority);
  json.Set("pid", status.pid > 0 ? Json(status.pid) : Json());
  json.Set("incarnation", status.incarnation).Set("restarts", status.restarts);
  json.Set("since", status.since).Set("age_ms", status.age_ms);
  json.Set("started", TextOrNull(status.started)).Set("started_age_ms", status.started_age_ms);
  json.Set("cause", status.cause).Set("exit_code", OptionalInt(status.exit_code));
  json.Set("exit_signal", OptionalInt(status.exit_signal));
  json.Set("source", status.source).Set("origin", status.origin).Set("directory", status.directory);
  json.Set("waits_for", TextArray(status.waits_for)).Set("pin", NameOf(status.pin));
  json.Set("alive", status.alive ? Json(*status.alive) : Json()).Set("probe_text", status.probe_text);
  json.Set("status_text", status.status_text).Set("reloading", status.reloading);
  json.Set("schedule", status.schedule).Set("next_due", TextOrNull(status.next_due));
  json.Set("missed", status.missed).Set("sockets", TextArray(status.sockets));
  json.Set("replica_of", status.replica_of).Set("replica", status.replica);
  json.Set("replicas", status.replicas).Set("degraded", TextArray(status.degraded));
  json.Set("stdout_file", status.stdout_file).Set("stderr_file", status.stderr_file);
  return json;
}

ServiceStatus ServiceStatusFromJson(const Json& json) {
  ServiceStatus status;
  status.name = json["name"].AsString();
  status.workload = json["workload"].AsString();
  status.group = json["group"].AsString();
  status.type = json["type"].AsString();
  status.description = json["description"].AsString();
  status.goal = GoalFromName(json["goal"].AsString()).value_or(status.goal);
  status.state = StateFromName(json["state"].AsString()).value_or(status.state);
  status.ready = json["ready"].AsBool(status.ready);
  status.internal = json["internal"].AsBool(status.internal);
  status.autostart = json["autostart"].AsBool(status.autostart);
  status.priority = SmallInt(json["priority"], status.priority);
  status.pid = SmallInt(json["pid"], 0);
  status.incarnation = Count(json["incarnation"]);
  status.restarts = SmallCount(json["restarts"], 0);
  status.since = json["since"].AsString();
  status.age_ms = json["age_ms"].AsInt();
  status.started = json["started"].AsString();
  status.started_age_ms = json["started_age_ms"].AsInt();
  status.cause = json["cause"].AsString();
  status.exit_code = IntOrNothing(json["exit_code"]);
  status.exit_signal = IntOrNothing(json["exit_signal"]);
  status.source = json["source"].AsString();
  status.origin = json["origin"].AsString();
  status.directory = json["directory"].AsString();
  status.waits_for = Texts(json["waits_for"]);
  status.pin = PinFromName(json["pin"].AsString()).value_or(status.pin);
  if (json["alive"].is_bool()) status.alive = json["alive"].AsBool();
  status.probe_text = json["probe_text"].AsString();
  status.status_text = json["status_text"].AsString();
  status.reloading = json["reloading"].AsBool();
  status.schedule = json["schedule"].AsString();
  status.next_due = json["next_due"].AsString();
  status.missed = SmallCount(json["missed"], 0);
  status.sockets = Texts(json["sockets"]);
  status.replica_of = json["replica_of"].AsString();
  status.replica = SmallCount(json["replica"], 0);
  status.replicas = SmallCount(json["replicas"], 1);
  status.degraded = Texts(json["degraded"]);
  status.stdout_file = json["stdout_file"].AsString();
  status.stderr_file = json["stderr_file"].AsString();
  return status;
}

Json ToJson(const WorkloadStatus& status) {
  Json json;
  json.Set("name", status.name).Set("format", status.format).Set("source", status.source);
  json.Set("project", status.project).Set("seed", status.seed);
  Json::Array diagnostics;
  for (const auto& diagnostic : status.diagnostics) diagnostics.push_back(ToJson(diagnostic));
  json.Set("diagnostics", std::move(diagnostics));
  return json;
}

WorkloadStatus WorkloadStatusFromJson(const Json& json) {
  WorkloadStatus status;
  status.name = json["name"].AsString();
  status.format = json["format"].AsString();
  status.source = json["source"].AsString();
  status.project = json["project"].AsString();
  status.seed = json["seed"].AsString();
  for (const auto& item : json["diagnostics"].AsArray()) {
    if (auto diagnostic = DiagnosticFromJson(item)) status.diagnostics.push_back(std::move(*diagnostic));
  }
  return status;
}

Json ToJson(const EventRecord& event) {
  Json json;
  json.Set("sequence", event.sequence)
      .Set("time", event.time)
      .Set("kind", event.kind)
      .Set("text", event.text);
  if (!event.service.name.empty()) json.Set("service", ToJson(event.service));
  return json;
}

EventRecord EventRecordFromJson(const Json& json) {
  EventRecord event;
  event.sequence = Count(json["sequence"]);
  event.time = json["time"].AsString();
  event.kind = json["kind"].AsString();
  event.text = json["text"].AsString();
  event.service = ServiceStatusFromJson(json["service"]);
  return event;
}

Json ToJson(const LogRecord& line) {
  Json json;
  json.Set("name", line.name).Set("stream", line.stream).Set("time", line.time);
  json.Set("mono", line.mono).Set("seq", line.seq).Set("incarnation", line.incarnation);
  json.Set("text", line.text);
  if (!IsUtf8(line.text)) json.Set("bytes", Base64Encode(line.text));
  json.Set("cursor", line.cursor);
  if (line.partial) json.Set("partial", true);
  if (line.continued) json.Set("continued", true);
  if (line.cut) json.Set("cut", true);
  return json;
}

void AppendJson(const LogRecord& line, std::string* out) {
  out->append("{\"name\":");
  (void)AppendText(line.name, out);
  out->append(",\"stream\":");
  (void)AppendText(line.stream, out);
  out->append(",\"time\":");
  (void)AppendText(line.time, out);
  out->append(",\"mono\":").append(std::to_string(line.mono));
  out->append(",\"seq\":").append(std::to_string(static_cast<std::int64_t>(line.seq)));
  out->append(",\"incarnation\":").append(std::to_string(static_cast<std::int64_t>(line.incarnation)));
  out->append(",\"text\":");
  if (!AppendText(line.text, out) && !IsUtf8(line.text))
    out->append(",\"bytes\":\"").append(Base64Encode(line.text)).push_back('"');
  out->append(",\"cursor\":");
  (void)AppendText(line.cursor, out);
  if (line.partial) out->append(",\"partial\":true");
  if (line.continued) out->append(",\"continued\":true");
  if (line.cut) out->append(",\"cut\":true");
  out->push_back('}');
}

LogRecord LogRecordFromJson(const Json& json) {
  LogRecord line;
  line.name = json["name"].AsString();
  line.stream = json["stream"].AsString();
  line.time = json["time"].AsString();
  line.incarnation = Count(json["incarnation"]);
  line.text = json["text"].AsString();
  if (json["bytes"].is_string())
    if (auto bytes = Base64Decode(json["bytes"].AsString())) line.text = std::move(*bytes);
  line.cursor = json["cursor"].AsString();
  line.mono = json["mono"].AsInt();
  line.seq = Count(json["seq"]);
  line.partial = json["partial"].AsBool();
  line.continued = json["continued"].AsBool();
  line.cut = json["cut"].AsBool();
  return line;
}

}  // namespace foster
