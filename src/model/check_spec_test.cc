// SPDX-License-Identifier: MIT
// Each rule by a spec that breaks it alone; the golden cases show the places.
#include "model/check_spec.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

ServiceSpec Good() {
  ServiceSpec spec;
  spec.name = "web";
  spec.run.argv = {"/bin/web"};
  spec.run.cwd = "/srv";
  return spec;
}

std::vector<std::string> KeysOf(const ServiceSpec& spec) {
  std::vector<std::string> keys;
  for (const SpecFault& fault : CheckSpec(spec)) {
    CHECK_FALSE(fault.text.empty());
    keys.push_back(fault.key);
  }
  return keys;
}

using Keys = std::vector<std::string>;

TEST_CASE("a plain spec has no fault") { CHECK(KeysOf(Good()).empty()); }

TEST_CASE("probes: thresholds and times of nothing, and no port") {
  ServiceSpec spec = Good();
  Probe& probe = spec.readiness.probe;
  probe.kind = ProbeKind::kTcp;
  CHECK(KeysOf(spec) == Keys{"readiness"});
  probe.port = 80;
  CHECK(KeysOf(spec).empty());
  probe.period = probe.timeout = Millis{0};
  probe.success_threshold = probe.failure_threshold = 0;
  CHECK(KeysOf(spec) == Keys{"readiness.period", "readiness.timeout", "readiness.success_threshold",
                             "readiness.failure_threshold"});
}

TEST_CASE("probes: paths, patterns and what cannot tell whether something lives") {
  ServiceSpec spec = Good();
  spec.readiness.probe.kind = ProbeKind::kFile;
  spec.readiness.probe.file = "run/x";
  spec.liveness.probe.kind = ProbeKind::kListen;
  CHECK(KeysOf(spec) == Keys{"readiness.file", "liveness.listen"});
  spec.readiness.probe = Probe{};
  spec.liveness.probe.kind = ProbeKind::kLogLine;
  spec.liveness.probe.pattern = "a(";
  spec.liveness.probe.is_regex = true;
  CHECK(KeysOf(spec) == Keys{"liveness.log_line.pattern", "liveness.log_line"});
}

TEST_CASE("a pattern is bounded before it is compiled") {
  CHECK(PatternFault("listening on .*:[0-9]+").empty());
  CHECK(PatternFault("a{1,100}b{10}").empty());
  CHECK_FALSE(PatternFault("a{1,100}b{11}").empty());
  CHECK_FALSE(PatternFault("((a{255}){255}){255}").empty());
  CHECK_FALSE(PatternFault(std::string(1001, 'a')).empty());
  CHECK_FALSE(PatternFault(std::string(101, '(')).empty());
  CHECK_FALSE(PatternFault("[a").empty());
}

TEST_CASE("sockets: fds that collide, several on stdin") {
  ServiceSpec spec = Good();
  spec.sockets.resize(2);
  spec.readiness.notify_fd = 4;
  CHECK(KeysOf(spec) == Keys{"readiness.notify_fd"});
  spec.sockets[1].as_stdin = true;  // now only fd 3 is a socket's
  CHECK(KeysOf(spec).empty());
  spec.sockets[0].as_stdin = true;
  spec.stdin_from = Stdin::kPipe;
  CHECK(KeysOf(spec) == Keys{"sockets", "stdin"});
}

TEST_CASE("demand: somebody has to be able to ask") {
  ServiceSpec spec = Good();
  spec.idle_stop = Millis{1};
  CHECK(KeysOf(spec) == Keys{"idle_stop"});
  spec.activation = Activation::kOnDemand;
  CHECK(KeysOf(spec) == Keys{"activation"});
  spec.sockets.resize(1);
  CHECK(KeysOf(spec).empty());
  spec.schedule.kind = ScheduleKind::kCron;
  CHECK(KeysOf(spec) == Keys{"schedule"});
}

TEST_CASE("restart, stop, schedule and isolation") {
  ServiceSpec spec = Good();
  spec.restart.budget = kMaxBudget + 1;
  spec.restart.budget_window = Millis{0};
  spec.stop.method = StopMethod::kKeys;
  spec.stop.keys = "q";
  spec.schedule.kind = ScheduleKind::kInterval;
  spec.schedule.timezone = "UTC";
  spec.daemon.follow = Follow::kLast;
  spec.isolation.private_pids = true;
  spec.isolation.capabilities = Keys{"chown"};
  spec.isolation.ambient_capabilities = {"kill"};
  CHECK(KeysOf(spec) == Keys{"restart.budget", "restart.budget", "stop.keys", "schedule.timezone",
                             "schedule.every", "isolation.private_pids", "isolation.ambient_capabilities"});
}

TEST_CASE("a oneshot has nothing that goes on") {
  ServiceSpec spec = Good();
  spec.type = ServiceType::kOneshot;
  spec.readiness.sd_notify = true;
  spec.liveness.watchdog = Millis{1};
  spec.daemon.follow = Follow::kLast;
  spec.sockets.resize(1);
  CHECK(KeysOf(spec) == Keys{"readiness", "liveness", "daemon", "sockets"});
}

TEST_CASE("a cron line brings its zone along, and has to come some day") {
  Schedule schedule;
  REQUIRE(SetCron("CRON_TZ=Asia/Tokyo 0 3 * * *", &schedule).ok());
  CHECK(schedule.cron == "0 3 * * *");
  CHECK(schedule.timezone == "Asia/Tokyo");
  CHECK(schedule.fields.hour == 1u << 3);
  CHECK_FALSE(SetCron("0 0 30 2 *", &schedule).ok());
  CHECK_FALSE(SetCron("0 0", &schedule).ok());
}

}  // namespace
}  // namespace foster
