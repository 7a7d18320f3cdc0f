// SPDX-License-Identifier: MIT
#include "wire/status_codec.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

ServiceStatus FullStatus() {
  ServiceStatus s;
  s.name = "supervisord/web";
  s.workload = "supervisord";
  s.group = "group";
  s.type = "longrun";
  s.description = "the web server";
  s.goal = Goal::kOnce;
  s.state = State::kBackoff;
  s.ready = true;
  s.internal = true;
  s.autostart = false;
  s.priority = 12;
  s.pid = 4711;
  s.incarnation = 9;
  s.restarts = 3;
  s.since = "2026-11-21T08:00:00.000Z";
  s.age_ms = 1234;
  s.started = "2026-11-21T07:59:00.000Z";
  s.started_age_ms = 61234;
  s.cause = "exited with code 1";
  s.exit_code = 1;
  s.exit_signal = 9;
  s.source = "project";
  s.origin = "project.conf:12";
  s.directory = "/etc/foster/services.d/web";
  s.waits_for = {"db (ready)", "cache (started)"};
  s.pin = Pin::kDown;
  s.alive = false;
  s.probe_text = "connect 127.0.0.1:80: Connection refused";
  s.status_text = "warming up";
  s.reloading = true;
  s.schedule = "*/5 * * * *";
  s.next_due = "2026-11-21T08:05:00.000Z";
  s.missed = 2;
  s.sockets = {"tcp 127.0.0.1:8080"};
  s.replica_of = "supervisord/web";
  s.replica = 1;
  s.replicas = 3;
  s.degraded = {"cgroup: read-only"};
  s.stdout_file = "/var/log/web.log";
  s.stderr_file = "/var/log/web.err";
  return s;
}

// Fails to compile when a member is added to ServiceStatus: then add it to the codec and to FullStatus.
std::size_t MembersOf(const ServiceStatus& status) {
  [[maybe_unused]] const auto& [name, workload, group, type, description, goal, state, ready, internal,
                                autostart, priority, pid, incarnation, restarts, since, age_ms, started,
                                started_age_ms, cause, exit_code, exit_signal, source, origin, directory,
                                waits_for, pin, alive, probe_text, status_text, reloading, schedule, next_due,
                                missed, sockets, replica_of, replica, replicas, degraded, stdout_file,
                                stderr_file] = status;
  return 40;
}

TEST_CASE("every member of a service status passes the wire") {
  Json json = ToJson(FullStatus());
  REQUIRE(json.AsObject().size() == MembersOf(FullStatus()));
  Json untouched = ToJson(ServiceStatus{});
  for (const auto& [key, value] : json.AsObject()) {
    INFO(key);
    CHECK_FALSE(value == untouched[key]);  // the test's own value is no default, so a lost member shows
  }
  Json again = ToJson(ServiceStatusFromJson(*ParseJson(json.Dump())));
  CHECK(again.Dump() == json.Dump());
}

TEST_CASE("what is not there is null") {
  Json json = ToJson(ServiceStatus{});
  CHECK(json["pid"].is_null());
  CHECK(json["started"].is_null());
  CHECK(json["exit_code"].is_null());
  CHECK(json["exit_signal"].is_null());
  CHECK(json["waits_for"].is_array());
  CHECK(json["alive"].is_null());
  CHECK(json["next_due"].is_null());
  CHECK(json["state"].AsString() == "stopped");
}

TEST_CASE("wrong members leave the default") {
  Json json;
  json.Set("name", 17).Set("state", "flying").Set("pid", "x").Set("incarnation", -4).Set("waits_for", 3);
  ServiceStatus status = ServiceStatusFromJson(json);
  CHECK(status.name.empty());
  CHECK(status.state == State::kStopped);
  CHECK(status.pid == 0);
  CHECK(status.incarnation == 0);
  CHECK(status.waits_for.empty());
  CHECK(ServiceStatusFromJson(Json(1)).autostart);
}

TEST_CASE("a workload status keeps its diagnostics") {
  WorkloadStatus status{"supervisord", "supervisord", "seed", "/p.conf", "/s.conf", {}};
  Diagnostic diagnostic;
  diagnostic.severity = Severity::kWarning;
  diagnostic.origin = {"/p.conf", 3, 7};
  diagnostic.text = "unknown key 'comand'";
  diagnostic.hint = "did you mean 'command'?";
  diagnostic.source_line = "comand=x";
  status.diagnostics.push_back(diagnostic);
  Json json = ToJson(status);
  WorkloadStatus again = WorkloadStatusFromJson(json);
  CHECK(ToJson(again) == json);
  REQUIRE(again.diagnostics.size() == 1);
  CHECK(again.diagnostics[0].origin.column == 7);
  CHECK(again.source == "seed");
}

TEST_CASE("an event carries its service only when it has one") {
  EventRecord event{42, "2026-11-21T08:00:00.000Z", "state", "web: running", FullStatus()};
  Json json = ToJson(event);
  CHECK(ToJson(EventRecordFromJson(json)) == json);
  EventRecord message{43, "t", "message", "hello", {}};
  CHECK_FALSE(ToJson(message).Has("service"));
  CHECK(EventRecordFromJson(ToJson(message)).sequence == 43);
}

TEST_CASE("a log record passes the wire byte for byte, as one line of UTF-8") {
  LogRecord line;
  line.name = "web";
  line.stream = "stderr";
  line.time = "2026-11-21T08:00:00.000Z";
  line.mono = 123'456'789;
  line.seq = 17;
  line.incarnation = 4;
  line.text = "bytes \xff and\na line feed";
  line.cursor = "01ab23cd.12.7";
  line.partial = line.continued = line.cut = true;
  std::string text = ToJson(line).Dump();
  CHECK(text.find('\n') == std::string::npos);
  CHECK((*ParseJson(text))["text"].AsString() == "bytes \xef\xbf\xbd and\na line feed");
  LogRecord again = LogRecordFromJson(*ParseJson(text));
  CHECK(again.text == line.text);
  CHECK(again.cursor == "01ab23cd.12.7");
  CHECK(again.mono == 123'456'789);
  CHECK(again.seq == 17);
  CHECK((again.partial && again.continued && again.cut));
  CHECK(again.incarnation == 4);
  CHECK(again.stream == "stderr");
  for (const char* odd : {"plain", "", "quote \" and \\", "tab\t", "\x7f", "\xc3\xa4", "bytes \xff"}) {
    line.text = odd;
    line.cut = !line.cut;
    std::string quick;
    AppendJson(line, &quick);
    CHECK(quick == ToJson(line).Dump());
    CHECK(ParseJson(quick)->Has("bytes") == (line.text == "bytes \xff"));
    CHECK(LogRecordFromJson(*ParseJson(quick)).text == odd);
  }
  std::string every;
  for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
  line.text = every;
  CHECK(LogRecordFromJson(*ParseJson(ToJson(line).Dump())).text == every);
  Json broken = ToJson(line);
  broken.Set("text", "kept").Set("bytes", "no base64!");  // the first member of a name counts
  CHECK(LogRecordFromJson(broken).text == every);
  CHECK(LogRecordFromJson(*ParseJson(R"({"text":"kept","bytes":"no base64!"})")).text == "kept");
}

}  // namespace
}  // namespace foster
