// SPDX-License-Identifier: MIT
// The part of ServiceMachine that changes the goal without moving anything yet, and that moves along with
// other services.
#include "core/service_machine.h"

namespace foster {

void ServiceMachine::Want(Goal goal) {
  if (record_.removing || IsHeldDown(record_)) return;
  const Goal wanted = record_.pin == Pin::kUp ? Goal::kUp : goal;
  const bool is_news = record_.goal != wanted || record_.waits_for_dependents;
  if (record_.goal == Goal::kDown) {
    record_.has_run = record_.pid != 0;
    record_.gates_opened = 0;
    record_.due = IsScheduled() && spec().schedule.run_on_start;
  }
  record_.goal = wanted;
  record_.waits_for_dependents = false;
  if (is_news) host_.Changed(service_.id);
}

void ServiceMachine::Unwant() {
  const bool is_news =
      record_.goal != Goal::kDown || record_.restart_pending || record_.waits_for_dependents || record_.due;
  record_.goal = Goal::kDown;
  record_.restart_pending = record_.waits_for_dependents = record_.due = false;
  SetTimer(TimerKind::kSchedule, kNoDeadline);
  FollowIdle();
  if (is_news) host_.Changed(service_.id);
}

void ServiceMachine::HoldBack(Trigger trigger, const Cause& cause) {
  const bool has_to_stop = record_.state == State::kStarting || record_.state == State::kRunning ||
                           (record_.state == State::kExited && HasDownToRun());
  if (!has_to_stop) return Down(trigger, cause);
  Unwant();
  record_.waits_for_dependents = true;
  record_.stop_cause = cause;
  host_.Changed(service_.id);
}

// A gate can never open.
void ServiceMachine::CannotStart(Trigger trigger, ServiceId other) {
  const bool is_known = record_.state == State::kFailed && record_.cause.kind == CauseKind::kDependency;
  Enter(trigger, State::kFailed, {.kind = CauseKind::kDependency, .other = other});
  if (!is_known) host_.HasEnded(service_.id);
}

void ServiceMachine::WaitAgain() {
  const GatesVerdict gates = host_.LookAtGates(service_.id);
  if (gates.verdict == Verdict::kImpossible) return CannotStart(Trigger::kGate, gates.other);
  const ServiceId other = gates.verdict == Verdict::kOpen ? record_.cause.other : gates.other;
  Enter(Trigger::kGate, State::kWaiting, {.kind = CauseKind::kGate, .other = other});
}

void ServiceMachine::StartTakenBack() {
  if (!host_.TakeSpawnBack(service_.id) || record_.state != State::kStarting) return;
  record_.spawn_pending = false;
  if (record_.goal == Goal::kDown) {  // it was only waiting for its dependents to stop
    record_.waits_for_dependents = false;
    return Decide(Trigger::kSpawnFailed, Cause(record_.stop_cause));
  }
  record_.due = StartsLater();
  TryStart(Trigger::kGate, Cause(record_.cause));
}

void ServiceMachine::Release() { Down(Trigger::kDown, Cause(record_.stop_cause)); }

// Stopped, and then as when it is to be started: it waits until the gate is open.
void ServiceMachine::StopAlong(ServiceId other) {
  if (record_.state != State::kStarting && record_.state != State::kRunning) return;
  const Cause cause{.kind = CauseKind::kAlong, .other = other};
  record_.after_stop = AfterStop::kWait;
  record_.stop_cause = cause;
  record_.restart_pending = true;
  record_.due = StartsLater();
  BeginStop(Trigger::kAlong, cause);
}

void ServiceMachine::RestartAlong(ServiceId other) {
  Restart(Trigger::kAlong, {.kind = CauseKind::kAlong, .other = other});
}

// What waits looks again; what runs goes on, by the new schedule and idle time.
void ServiceMachine::SpecChanged(const Cause& cause) {
  const bool waits = record_.state == State::kWaiting ||
                     (record_.state == State::kFailed && record_.cause.kind == CauseKind::kDependency);
  FollowIdle();
  if (record_.goal == Goal::kDown) return;
  if (waits) return Up(Trigger::kReload, record_.goal, cause);
  if (!IsScheduled()) SetTimer(TimerKind::kSchedule, kNoDeadline);
  AskSchedule();
}

void ServiceMachine::Resume() {
  const bool waits = record_.state == State::kWaiting ||
                     (record_.state == State::kFailed && record_.cause.kind == CauseKind::kDependency);
  FollowIdle();
  if (ProbeOf(record_, ProbeUse::kIdle).pending) AskIdle();
  if (record_.goal == Goal::kDown) return;
  if (waits) return TryStart(Trigger::kRestore, Cause(record_.cause));
  AskSchedule();
}

}  // namespace foster
