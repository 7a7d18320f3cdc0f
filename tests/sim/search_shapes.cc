// SPDX-License-Identifier: MIT
// The services that the exhaustive search looks through: one for each thing that a service can have, and few
// numbers, so that every point of each can be visited.
#include <csignal>

#include "sim/search_node.h"

namespace foster::sim {
namespace {

ServiceSpec Longrun() {
  ServiceSpec spec;
  spec.name = "it";
  spec.run.argv = {"run"};
  spec.restart.base = Millis{100};
  spec.restart.factor_percent = 100;
  return spec;
}

ServiceSpec Oneshot() {
  ServiceSpec spec = Longrun();
  spec.type = ServiceType::kOneshot;
  spec.restart.when = RestartWhen::kNever;
  return spec;
}

Probe Tcp(std::uint32_t successes, std::uint32_t failures) {
  Probe probe;
  probe.kind = ProbeKind::kTcp;
  probe.period = Millis{1000};
  probe.success_threshold = successes;
  probe.failure_threshold = failures;
  return probe;
}

using Shapes = std::vector<SearchShape>;

void AddOrdinary(Shapes& shapes) {
  shapes.push_back({"longrun", Longrun()});
  ServiceSpec spec = Longrun();
  spec.readiness.start_time = Millis{1000};
  spec.restart.start_retries = 2;
  spec.restart.ending_delay = Millis{0};
  shapes.push_back({"longrun with start time and retries", spec});
  spec = Longrun();
  spec.readiness.notify_fd = 3;
  spec.timeouts.up = Millis{3000};
  spec.finish.argv = {"finish"};
  shapes.push_back({"longrun with notify fd, time limit and finish", spec});
  spec = Longrun();
  spec.finish.argv = {"finish"};
  spec.timeouts.finish = kForever;
  spec.stop.grace = kForever;
  spec.restart.when = RestartWhen::kOnFailure;
  spec.restart.max_restarts = 2;
  shapes.push_back({"longrun with finish, endless grace and limit", spec});
  spec = Longrun();
  spec.stop.grace = Millis{0};
  spec.restart.when = RestartWhen::kNever;
  spec.restart.retry_failed_start = false;
  spec.readiness.start_time = Millis{500};
  shapes.push_back({"longrun never restarted, no grace", spec});
  spec = Longrun();
  spec.broken = "cannot be run";
  shapes.push_back({"broken", spec});
}

void AddOneshots(Shapes& shapes) {
  shapes.push_back({"oneshot", Oneshot()});
  ServiceSpec spec = Oneshot();
  spec.down.argv = {"down"};
  spec.timeouts.up = Millis{2000};
  spec.timeouts.down = Millis{2000};
  spec.restart.retry_failed_start = false;
  shapes.push_back({"oneshot with down and time limits", spec});
  spec = Oneshot();
  spec.run.argv.clear();
  spec.down.argv = {"down"};
  shapes.push_back({"oneshot with down only", spec});
  spec.down.argv.clear();
  shapes.push_back({"empty oneshot", spec});
}

void AddProbed(Shapes& shapes) {
  ServiceSpec spec = Longrun();
  spec.readiness.probe = Tcp(2, 2);
  spec.readiness.action = FailureAction::kRestart;
  shapes.push_back({"readiness probe, 2 of 2", spec});
  spec.readiness.probe = {};
  spec.readiness.probe.kind = ProbeKind::kLogLine;
  spec.readiness.action = FailureAction::kByPolicy;
  spec.timeouts.up = Millis{3000};
  shapes.push_back({"readiness by a line of its log", spec});
  for (const FailureAction action :
       {FailureAction::kRestart, FailureAction::kStop, FailureAction::kByPolicy}) {
    spec = Longrun();
    spec.liveness.probe = Tcp(1, 2);
    spec.liveness.action = action;
    spec.restart.when = RestartWhen::kOnFailure;
    const bool is_restart = action == FailureAction::kRestart;
    shapes.push_back({is_restart                       ? "liveness probe, restart"
                      : action == FailureAction::kStop ? "liveness probe, stop"
                                                       : "liveness probe, by policy",
                      spec});
  }
  spec = Longrun();
  spec.readiness.probe = Tcp(1, 1);
  spec.readiness.action = FailureAction::kIgnore;
  spec.liveness.probe = Tcp(1, 1);
  shapes.push_back({"both probes", spec});
  spec = Longrun();
  spec.liveness.watchdog = Millis{1000};
  shapes.push_back({"watchdog", spec});
  spec.readiness.sd_notify = true;
  spec.timeouts.up = Millis{3000};
  shapes.push_back({"sd_notify, watchdog and time limit", spec});
}

void AddStops(Shapes& shapes) {
  ServiceSpec spec = Longrun();
  spec.stop.method = StopMethod::kCommand;
  spec.stop.command.argv = {"stop"};
  spec.stop.grace = Millis{2000};
  shapes.push_back({"stop by command", spec});
  spec.finish.argv = {"finish"};
  shapes.push_back({"stop by command, and finish", spec});
  spec = Longrun();
  spec.stop.method = StopMethod::kKeys;
  spec.stop.keys = "q";
  spec.stdin_from = Stdin::kPipe;
  shapes.push_back({"stop by keys", spec});
  spec = Longrun();
  spec.stop.keep_rest = true;
  spec.finish.argv = {"finish"};
  shapes.push_back({"leftovers kept", spec});
  spec.stop.keep_rest = false;
  shapes.push_back({"leftovers not kept", spec});
}

void AddDaemons(Shapes& shapes) {
  ServiceSpec spec = Longrun();
  spec.daemon.follow = Follow::kPidFile;
  shapes.push_back({"daemon with a pid file", spec});
  spec.daemon.follow = Follow::kLast;
  spec.timeouts.up = Millis{3000};
  spec.readiness.start_time = Millis{1000};
  shapes.push_back({"daemon as a whole tree", spec});
  spec = Longrun();
  spec.daemon.follow = Follow::kMainPid;
  spec.readiness.sd_notify = true;
  spec.stop.method = StopMethod::kCommand;
  spec.stop.command.argv = {"stop"};
  shapes.push_back({"daemon that names itself, stop by command", spec});
}

void AddScheduled(Shapes& shapes) {
  constexpr const char* kLongruns[] = {"scheduled longrun, skip", "scheduled longrun, queue",
                                       "scheduled longrun, replace"};
  constexpr const char* kOneshots[] = {"scheduled oneshot, skip, also at start",
                                       "scheduled oneshot, queue, also at start",
                                       "scheduled oneshot, replace, also at start"};
  for (unsigned i = 0; i < 3; ++i) {
    ServiceSpec spec = Longrun();
    spec.schedule.kind = ScheduleKind::kInterval;
    spec.schedule.overlap = static_cast<Overlap>(i);
    spec.restart.when = RestartWhen::kOnFailure;
    spec.restart.start_retries = 1;
    shapes.push_back({kLongruns[i], spec});
    spec = Oneshot();
    spec.schedule.kind = ScheduleKind::kInterval;
    spec.schedule.overlap = static_cast<Overlap>(i);
    spec.schedule.run_on_start = true;
    spec.down.argv = {"down"};
    shapes.push_back({kOneshots[i], spec});
  }
}

void AddLater(Shapes& shapes) {
  AddScheduled(shapes);
  ServiceSpec spec = Longrun();
  spec.sockets.emplace_back();
  spec.activation = Activation::kOnDemand;
  shapes.push_back({"on demand", spec});
  spec.idle_stop = Millis{4000};
  spec.restart.start_retries = 1;
  shapes.push_back({"on demand, stopped when idle", spec});
}

void AddRestarts(Shapes& shapes) {
  ServiceSpec spec = Longrun();
  spec.restart.budget = 2;
  spec.restart.budget_window = Millis{15'000};
  shapes.push_back({"budget", spec});
  spec.restart.budget_window = kForever;
  spec.restart.grow_endings = true;
  spec.restart.step = Millis{1000};
  shapes.push_back({"budget without end, growing delay", spec});
  spec = Longrun();
  spec.restart.when = RestartWhen::kNever;
  spec.restart.rules = {{.value = 0, .verdict = ExitRule::Verdict::kRestart},
                        {.value = 1, .verdict = ExitRule::Verdict::kFail},
                        {.is_signal = true, .value = SIGKILL, .verdict = ExitRule::Verdict::kDone}};
  shapes.push_back({"exit rules", spec});
}

}  // namespace

std::vector<SearchShape> SearchShapes() {
  Shapes shapes;
  for (const auto add : {AddOrdinary, AddOneshots, AddProbed, AddStops, AddDaemons, AddLater, AddRestarts})
    add(shapes);
  return shapes;
}

}  // namespace foster::sim
