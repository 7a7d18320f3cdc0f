// SPDX-License-Identifier: MIT
// The part of ServiceMachine that starts by a connection and stops for want of one. A gate on a service that
// waits for a connection is open: its socket is there, and who connects to it is served.
#include <algorithm>

#include "core/backoff.h"
#include "core/service_machine.h"
#include "foster/init_protocol.h"

namespace foster {
namespace {

// So many checks in a row without a connection make an idle service; they are spread over idle_stop.
constexpr std::uint32_t kQuietChecks = 4;
constexpr Millis kShortestIdlePeriod{1'000};

}  // namespace

bool ServiceMachine::IsOnDemand() const {
  return spec().activation == Activation::kOnDemand && !spec().sockets.empty() && !spec().run.argv.empty();
}

void ServiceMachine::AwaitDemand(Trigger trigger) {
  record_.was_up = false;
  Enter(trigger, State::kWaiting, {.kind = CauseKind::kDemand});
  host_.Emit({.kind = EffectKind::kAwaitDemand, .service = service_.id, .incarnation = record_.incarnation});
}

// One that ends without having served its connection is started by it again: not faster than any other.
void ServiceMachine::AwaitDemandAgain(Trigger trigger, const Cause& cause) {
  const Millis ran = record_.running_since == MonoTime{} ? Millis{0} : now_ - record_.running_since;
  const Millis delay = EndingDelay(spec().restart, ran);
  if (delay <= Millis{0}) return AwaitDemand(trigger);
  record_.was_up = false;
  record_.after_stop = AfterStop::kWait;
  Enter(trigger, State::kBackoff, cause, After(now_, delay));
}

void ServiceMachine::OnDemand() {
  if (!WaitsFor(CauseKind::kDemand)) return;
  record_.due = true;
  ForgetFailures();
  TryStart(Trigger::kDemand, {.kind = CauseKind::kDemand});
}

// A listening socket could not be opened: a start that failed, and then it waits for a connection again.
void ServiceMachine::SocketFailed(const Event& event) {
  record_.after_stop = AfterStop::kWait;
  record_.running_since = {};
  FailedStart(Trigger::kSpawnFailed,
              {.kind = CauseKind::kSpawnFailed, .stage = event.stage, .error = event.error});
}

Millis ServiceMachine::IdlePeriod() const {
  return std::max(spec().idle_stop / kQuietChecks, kShortestIdlePeriod);
}

// Idle checks go on as long as it is Running and wanted.
void ServiceMachine::FollowIdle() {
  const bool may_idle = record_.state == State::kRunning && record_.goal == Goal::kUp && IsOnDemand() &&
                        spec().idle_stop > Millis{0};
  if (!may_idle) {
    record_.quiet = 0;
    ProbeOf(record_, ProbeUse::kIdle).pending = false;
    SetTimer(TimerKind::kIdle, kNoDeadline);
  } else if (TimerOf(record_, TimerKind::kIdle).deadline == kNoDeadline) {
    SetTimer(TimerKind::kIdle, After(now_, IdlePeriod()));
  }
}

void ServiceMachine::AskIdle() {
  ProbeRecord& probe = ProbeOf(record_, ProbeUse::kIdle);
  ++probe.number;
  probe.pending = true;
  host_.Changed(service_.id);
  host_.Emit({.kind = EffectKind::kProbe,
              .service = service_.id,
              .incarnation = record_.incarnation,
              .probe = ProbeUse::kIdle,
              .number = probe.number});
}

void ServiceMachine::OnIdleTimer() {
  FollowIdle();
  const bool goes_on = TimerOf(record_, TimerKind::kIdle).deadline != kNoDeadline;
  if (goes_on && !ProbeOf(record_, ProbeUse::kIdle).pending) AskIdle();
}

void ServiceMachine::OnIdleAnswer(const Event& event) {
  ProbeRecord& probe = ProbeOf(record_, ProbeUse::kIdle);
  if (event.incarnation != record_.incarnation || !probe.pending || event.number != probe.number) return;
  probe.pending = false;
  record_.quiet = event.success ? record_.quiet + 1 : 0;
  host_.Changed(service_.id);
  if (record_.quiet < kQuietChecks) return;
  record_.quiet = 0;
  const Cause cause{.kind = CauseKind::kIdle};
  record_.after_stop = AfterStop::kWait;
  record_.stop_cause = cause;
  record_.restart_pending = true;
  record_.due = false;
  BeginStop(Trigger::kIdle, cause);
}

}  // namespace foster
