// SPDX-License-Identifier: MIT
#include "gateway/process_info.h"

#include <catch2/catch.hpp>

#include "gateway/main_log.h"
#include "gateway/process_state.h"
#include "gateway/time_text.h"

namespace foster {
namespace {

ServiceStatus Service(State state) {
  ServiceStatus service;
  service.name = "w/app";
  service.state = state;
  service.since = "2026-11-21T06:23:00.500Z";
  service.age_ms = 1'000;
  if (state != State::kStopped && state != State::kWaiting) {
    service.started = "2026-11-21T06:22:00.000Z";
    service.started_age_ms = 61'000;
  }
  return service;
}

TEST_CASE("each state has its supervisord and process-compose column") {
  struct Row {
    State state;
    const char* supervisord;
    const char* compose;
  };
  for (const Row& row : std::initializer_list<Row>{{State::kStopped, "STOPPED", "Terminating"},
                                                   {State::kWaiting, "STOPPED", "Pending"},
                                                   {State::kStarting, "STARTING", "Launching"},
                                                   {State::kRunning, "RUNNING", "Running"},
                                                   {State::kStopping, "STOPPING", "Terminating"},
                                                   {State::kKilling, "STOPPING", "Terminating"},
                                                   {State::kFinishing, "STOPPING", "Terminating"},
                                                   {State::kBackoff, "BACKOFF", "Restarting"},
                                                   {State::kExited, "EXITED", "Completed"},
                                                   {State::kFailed, "FATAL", "Error"}}) {
    CHECK(NameOf(SupervisordStateOf(row.state)) == row.supervisord);
    CHECK(ComposeStatus(Service(row.state)) == row.compose);
  }
}

TEST_CASE("descriptions read as supervisord's") {
  ServiceStatus running = Service(State::kRunning);
  running.pid = 42;
  REQUIRE(DescriptionOf(running) == "pid 42, uptime 0:01:01");
  REQUIRE(DescriptionOf(Service(State::kStopped)) == "Not started");
  REQUIRE(DescriptionOf(Service(State::kStarting)).empty());
  REQUIRE(DescriptionOf(Service(State::kFailed)) == "unknown error (try \"tail app\")");
  ServiceStatus failed = Service(State::kFailed);
  failed.cause = "exited with code 1, 4 failed starts in a row";
  REQUIRE(DescriptionOf(failed) == "Exited too quickly (process log may have details)");
  failed.cause = "cannot find program 'x'";
  REQUIRE(DescriptionOf(failed) == "cannot find program 'x'");
  REQUIRE(DescriptionOf(Service(State::kExited)) ==
          LocalTimeText(EpochMillis("2026-11-21T06:23:00Z") / 1000, "%b %d %I:%M %p"));
}

TEST_CASE("getProcessInfo has supervisord's members in its order") {
  ServiceStatus exited = Service(State::kExited);
  exited.exit_signal = 9;
  Json info = ProcessInfo(exited, 1'800'000'000);
  std::string names;
  for (const auto& member : info.AsObject()) names += member.first + " ";
  REQUIRE(names ==
          "name group start stop now state statename spawnerr exitstatus logfile stdout_logfile "
          "stderr_logfile pid "
          "description ");
  REQUIRE(info["stdout_logfile"].AsString().empty());
  exited.stdout_file = "/var/log/web.log";
  exited.stderr_file = "/var/log/web.err";
  Json with_files = ProcessInfo(exited, 1'800'000'000);
  REQUIRE(with_files["logfile"].AsString() == "/var/log/web.log");
  REQUIRE(with_files["stdout_logfile"].AsString() == "/var/log/web.log");
  REQUIRE(with_files["stderr_logfile"].AsString() == "/var/log/web.err");
  REQUIRE(info["exitstatus"].AsInt() == -1);
  REQUIRE(info["spawnerr"].AsString() == "Bad exit code -1");
  REQUIRE(info["start"].AsInt() == 1'795'242'120);
  REQUIRE(info["stop"].AsInt() == 1'795'242'180);
  REQUIRE(info["state"].AsInt() == 100);
}

TEST_CASE("ProcessState has process-compose's values") {
  ServiceStatus running = Service(State::kRunning);
  running.pid = 7;
  running.started_age_ms = 123'000;
  ServiceFigures figures;
  figures.rss_bytes = 4096;
  figures.cpu_percent = 1.5;
  REQUIRE(ProcessState(running, &figures)["mem"].AsInt() == 4096);
  REQUIRE(ProcessState(running, &figures)["cpu"].AsDouble() == 1.5);
  REQUIRE(ProcessState(running)["mem"].AsInt() == -1);
  Json state = ProcessState(running);
  REQUIRE(state["system_time"].AsString() == "2m3s");
  REQUIRE(state["age"].AsInt() == 123'000'000'000);
  REQUIRE(state["is_running"].AsBool());
  REQUIRE(state["namespace"].AsString() == "default");
  REQUIRE(state["mem"].AsInt() == -1);
  REQUIRE_FALSE(state.Has("process_end_time"));
  ServiceStatus killed = Service(State::kExited);
  killed.exit_signal = 15;
  REQUIRE(ProcessState(killed)["exit_code"].AsInt() == -1);
  REQUIRE(ProcessState(killed)["system_time"].AsString() == "60s");
  ServiceStatus skipped = Service(State::kFailed);
  skipped.waits_for = {"db (ready)"};
  REQUIRE(ProcessState(skipped)["status"].AsString() == "Skipped");
  REQUIRE(ProcessState(skipped)["exit_code"].AsInt() == 1);
}

TEST_CASE("ages and times are written as the tools write them") {
  REQUIRE(TimedeltaText(5) == "0:00:05");
  REQUIRE(TimedeltaText(86'400 + 7'384) == "1 day, 2:03:04");
  REQUIRE(TimedeltaText(12 * 86'400) == "12 days, 0:00:00");
  REQUIRE(HumanDuration(119) == "119s");
  REQUIRE(HumanDuration(120) == "2m");
  REQUIRE(HumanDuration(123) == "2m3s");
  REQUIRE(HumanDuration(3 * 3600 + 120) == "3h2m");
  REQUIRE(HumanDuration(2 * 86'400 + 4 * 3600) == "2d4h");
  REQUIRE(EpochMillis("1970-01-01T00:00:01.250Z") == 1'250);
  REQUIRE(EpochMillis("yesterday") == 0);
}

TEST_CASE("the main log is sorted by time") {
  ServiceStatus late = Service(State::kRunning);
  ServiceStatus early = Service(State::kExited);
  early.name = "w/first";
  early.since = "2026-11-21T06:00:00.000Z";
  std::string text = MainLogText({late, early});
  REQUIRE(text.find("exited: first (exit status 0; expected)") <
          text.find("success: app entered RUNNING state"));
}

}  // namespace
}  // namespace foster
