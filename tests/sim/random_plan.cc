// SPDX-License-Identifier: MIT
#include "sim/random_plan.h"

#include <algorithm>
#include <charconv>
#include <csignal>

namespace foster::sim {
namespace {

template <class T, std::size_t kCount>
const T& Pick(Random& random, const T (&choices)[kCount]) {
  return choices[random.Below(kCount)];
}

RestartPolicy RandomRestart(Random& random, bool plain) {
  constexpr Millis kDelays[] = {Millis{0}, Millis{50}, Millis{1000}, Millis{3000}};
  constexpr RestartWhen kWhen[] = {RestartWhen::kAlways, RestartWhen::kAlways, RestartWhen::kOnFailure,
                                   RestartWhen::kNever};
  RestartPolicy policy;
  policy.when = Pick(random, kWhen);
  policy.retry_failed_start = random.Percent(70);
  policy.base = Millis{random.Below(3) * 500 + 20};
  policy.step = Millis{random.Below(3) * 500};
  policy.factor_percent = 100 + random.Below(3) * 50;
  policy.cap = Millis{8000};
  policy.ending_delay = Pick(random, kDelays);
  policy.reset_after = Millis{random.Below(2) * 5000};
  if (random.Percent(30)) policy.start_retries = random.Below(4);
  if (random.Percent(30)) policy.max_restarts = random.Below(4);
  if (plain) return policy;
  policy.grow_endings = random.Percent(20);
  if (random.Percent(20)) policy.jitter_percent = random.Below(101);
  if (random.Percent(25)) {
    policy.budget = random.Below(4);
    policy.budget_window = random.Percent(70) ? Millis{500 + random.Below(10000)} : kForever;
  }
  for (std::uint32_t i = random.Percent(20) ? 1 + random.Below(2) : 0; i > 0; --i) {
    policy.rules.push_back({.is_signal = random.Percent(30),
                            .value = random.Percent(30) ? SIGSEGV : static_cast<int>(random.Below(3)),
                            .verdict = static_cast<ExitRule::Verdict>(random.Below(3))});
  }
  return policy;
}

void AddGates(Random& random, ServiceSpec& spec, std::uint32_t number, bool plain) {
  constexpr GateKind kKinds[] = {GateKind::kStarted, GateKind::kReady,     GateKind::kReady,
                                 GateKind::kHealthy, GateKind::kCompleted, GateKind::kCompletedSuccessfully,
                                 GateKind::kStopped};
  spec.gates.clear();
  if (number == 0) return;
  for (std::uint32_t i = random.Below(4); i > 0; --i) {
    Gate gate;
    gate.service = "s" + std::to_string(random.Below(number));
    gate.kind = Pick(random, kKinds);
    if (plain) {
      if (gate.kind == GateKind::kStopped) gate.kind = GateKind::kStarted;
      spec.gates.push_back(gate);
      continue;
    }
    if (random.Percent(35)) gate.strength = static_cast<GateStrength>(random.Below(4));
    gate.stop_along = random.Percent(15);
    gate.restart_along = random.Percent(15);
    spec.gates.push_back(gate);
  }
}

Probe RandomProbe(Random& random, bool may_wait_for_line) {
  Probe probe;
  probe.kind = may_wait_for_line && random.Percent(20) ? ProbeKind::kLogLine : ProbeKind::kTcp;
  probe.initial_delay = Millis{random.Below(2) * random.Below(1000)};
  probe.quick_period = Millis{50 + random.Below(300)};
  probe.period = Millis{200 + random.Below(3000)};
  probe.timeout = Millis{100 + random.Below(1500)};
  probe.success_threshold = 1 + random.Below(2);
  probe.failure_threshold = 1 + random.Below(3);
  return probe;
}

FailureAction RandomAction(Random& random) {
  constexpr FailureAction kActions[] = {FailureAction::kIgnore,   FailureAction::kRestart,
                                        FailureAction::kRestart,  FailureAction::kStop,
                                        FailureAction::kByPolicy, FailureAction::kEndWorkload};
  return Pick(random, kActions);
}

void AddHealth(Random& random, ServiceSpec& spec) {
  if (random.Percent(25)) {
    spec.readiness.probe = RandomProbe(random, true);
    spec.readiness.action = RandomAction(random);
  }
  if (random.Percent(15)) spec.readiness.sd_notify = true;
  if (random.Percent(25)) {
    spec.liveness.probe = RandomProbe(random, false);
    spec.liveness.action = RandomAction(random);
  }
  if (random.Percent(10)) spec.liveness.watchdog = Millis{500 + random.Below(2000)};
}

void AddFeatures(Random& random, ServiceSpec& spec) {
  if (random.Percent(50)) AddHealth(random, spec);
  if (random.Percent(20)) {
    spec.stop.method = random.Percent(60) ? StopMethod::kCommand : StopMethod::kKeys;
    spec.stop.command.argv = {"stop"};
    spec.stop.keys = "q";
    spec.stdin_from = Stdin::kPipe;
  }
  spec.stop.keep_rest = random.Percent(30);
  if (random.Percent(12)) spec.daemon.follow = static_cast<Follow>(1 + random.Below(3));
  if (random.Percent(12)) {
    spec.sockets.emplace_back();
    spec.activation = random.Percent(80) ? Activation::kOnDemand : Activation::kBoot;
    if (random.Percent(50)) spec.idle_stop = Millis{500 + random.Below(4000)};
  }
  if (random.Percent(5)) spec.when_failed = static_cast<Consequence>(random.Below(3));
  if (random.Percent(3)) spec.when_ended = Consequence::kEndWorkload;
  if (random.Percent(20)) spec.workload = "w";
}

void AddSchedule(Random& random, ServiceSpec& spec) {
  if (spec.activation == Activation::kOnDemand) return;
  spec.schedule.kind = ScheduleKind::kInterval;
  spec.schedule.interval = Millis{1000};
  spec.schedule.overlap = static_cast<Overlap>(random.Below(3));
  spec.schedule.run_on_start = random.Percent(40);
  if (random.Percent(70)) spec.restart.when = RestartWhen::kNever;
}

ServiceSpec RandomSpec(Random& random, std::uint32_t number, bool plain) {
  constexpr Millis kGraces[] = {Millis{0}, Millis{500}, Millis{2000}, Millis{10000}, kForever};
  constexpr SignalScope kScopes[] = {SignalScope::kProcess, SignalScope::kGroup, SignalScope::kTree};
  ServiceSpec spec;
  spec.name = "s" + std::to_string(number);
  spec.type = random.Percent(30) ? ServiceType::kOneshot : ServiceType::kLongrun;
  spec.autostart = random.Percent(80);
  spec.internal = random.Percent(5);
  if (random.Percent(3)) spec.broken = "cannot be run";
  if (spec.type == ServiceType::kLongrun || random.Percent(85)) spec.run.argv = {"run"};
  if (spec.type == ServiceType::kLongrun && random.Percent(30)) spec.finish.argv = {"finish"};
  if (spec.type == ServiceType::kOneshot && random.Percent(50)) spec.down.argv = {"down"};
  if (random.Percent(25)) spec.readiness.notify_fd = 3;
  if (random.Percent(40)) spec.readiness.start_time = Millis{random.Below(2000)};
  if (random.Percent(25)) spec.timeouts.up = Millis{random.Below(4000)};
  if (random.Percent(25)) spec.timeouts.down = Millis{random.Below(4000)};
  spec.timeouts.finish = random.Percent(80) ? Millis{random.Below(4000)} : kForever;
  spec.stop.signal = random.Percent(80) ? SIGTERM : SIGINT;
  spec.stop.scope = Pick(random, kScopes);
  spec.stop.grace = Pick(random, kGraces);
  spec.restart = RandomRestart(random, plain);
  if (random.Percent(20)) spec.success_codes = {0, 1};
  spec.priority = static_cast<int>(random.Below(3));
  if (!plain && spec.type == ServiceType::kLongrun) AddFeatures(random, spec);
  if (!plain && random.Percent(10)) AddSchedule(random, spec);
  AddGates(random, spec, number, plain);
  return spec;
}

// A gate names a service of the plan, as after Assemble.
void DropDanglingGates(Plan& plan) {
  std::sort(plan.services.begin(), plan.services.end(),
            [](const ServiceSpec& a, const ServiceSpec& b) { return a.name < b.name; });
  for (ServiceSpec& spec : plan.services) {
    std::erase_if(spec.gates, [&](const Gate& gate) {
      return std::none_of(plan.services.begin(), plan.services.end(),
                          [&](const ServiceSpec& other) { return other.name == gate.service; });
    });
  }
}

}  // namespace

Plan RandomPlan(Random& random, std::uint32_t universe, bool plain) {
  Plan plan;
  for (std::uint32_t i = 0; i < universe; ++i) {
    if (random.Percent(90)) plan.services.push_back(RandomSpec(random, i, plain));
  }
  DropDanglingGates(plan);
  return plan;
}

Plan ChangedPlan(Random& random, const Plan& before, std::uint32_t universe, bool plain) {
  Plan plan;
  for (std::uint32_t i = 0; i < universe; ++i) {
    const std::string name = "s" + std::to_string(i);
    const auto old = std::find_if(before.services.begin(), before.services.end(),
                                  [&](const ServiceSpec& spec) { return spec.name == name; });
    if (old == before.services.end()) {
      if (random.Percent(40)) plan.services.push_back(RandomSpec(random, i, plain));
      continue;
    }
    if (random.Percent(10)) continue;
    ServiceSpec spec = *old;
    if (random.Percent(15)) spec.environment.push_back("CHANGED=1");
    if (random.Percent(10)) AddGates(random, spec, i, plain);
    if (random.Percent(10)) spec = RandomSpec(random, i, plain);
    plan.services.push_back(spec);
  }
  DropDanglingGates(plan);
  return plan;
}

std::uint32_t NumberOf(std::string_view name) {
  std::uint32_t number = 0;
  std::from_chars(name.data() + 1, name.data() + name.size(), number);
  return number;
}

}  // namespace foster::sim
