// SPDX-License-Identifier: MIT
// The part of ServiceMachine that starts by the clock. The timer kSchedule is armed, or kSchedule is asked,
// from when the goal goes up until it goes down, also while a run is on.
#include "core/service_machine.h"

namespace foster {

// A request for what is already wanted asks for a run now; so does `once`.
bool ServiceMachine::AsksForRun(Trigger trigger, Goal goal, const Cause& cause) const {
  const bool is_request =
      trigger == Trigger::kUp || trigger == Trigger::kOnce || trigger == Trigger::kRestart;
  const bool runs = record_.state == State::kStarting || record_.state == State::kRunning;
  if (!StartsLater() || !is_request || runs || cause.kind == CauseKind::kNeeded) return false;
  return goal == Goal::kOnce || record_.goal != Goal::kDown;
}

void ServiceMachine::NoteRun(Trigger trigger, Goal goal, const Cause& cause) {
  if (AsksForRun(trigger, goal, cause)) record_.due = true;
}

void ServiceMachine::AskSchedule() {
  const bool is_known = TimerOf(record_, TimerKind::kSchedule).deadline != kNoDeadline;
  if (!IsScheduled() || is_known || record_.goal != Goal::kUp) return;
  host_.Emit({.kind = EffectKind::kSchedule,
              .service = service_.id,
              .incarnation = record_.incarnation,
              .epoch = TimerOf(record_, TimerKind::kSchedule).epoch});
}

void ServiceMachine::AwaitTime(Trigger trigger) {
  record_.was_up = false;
  Enter(trigger, State::kWaiting, {.kind = CauseKind::kSchedule});
  AskSchedule();
}

// An answer that is still on its way is one of the old schedule.
void ServiceMachine::ForgetTime() {
  SetTimer(TimerKind::kSchedule, kNoDeadline);
  ++TimerOf(record_, TimerKind::kSchedule).epoch;
}

void ServiceMachine::OnNextDue(const Event& event) {
  const bool is_asked = event.epoch == TimerOf(record_, TimerKind::kSchedule).epoch;
  if (!is_asked || !IsScheduled() || record_.goal != Goal::kUp) return;
  SetTimer(TimerKind::kSchedule, event.deadline);
  if (event.deadline == kNoDeadline && WaitsFor(CauseKind::kSchedule)) EndSchedule();
}

// There is no next time.
void ServiceMachine::EndSchedule() {
  Enter(Trigger::kDue, State::kExited,
        record_.has_run && record_.has_exited ? CauseOf(record_.last_exit)
                                              : Cause{.kind = CauseKind::kSchedule});
  if (record_.has_run) host_.HasEnded(service_.id);
}

void ServiceMachine::OnScheduleTimer() {
  if (!IsScheduled() || record_.goal != Goal::kUp) return;
  const Cause cause{.kind = CauseKind::kSchedule};
  switch (record_.state) {
    case State::kWaiting:
    case State::kExited:
      if (record_.due) ++record_.missed;
      record_.due = true;
      record_.was_up = false;
      ForgetFailures();
      TryStart(Trigger::kDue, cause);
      break;
    case State::kStarting:
    case State::kRunning:
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
    case State::kBackoff:
      switch (spec().schedule.overlap) {
        case Overlap::kSkip:
          ++record_.missed;
          break;
        case Overlap::kQueue:
          record_.due = true;
          break;
        case Overlap::kReplace:
          record_.due = true;
          Restart(Trigger::kDue, cause);
          break;
      }
      host_.Changed(service_.id);
      break;
    case State::kFailed:
      if (record_.cause.kind != CauseKind::kDependency) break;
      record_.due = true;
      TryStart(Trigger::kDue, cause);
      break;
    case State::kStopped:
      break;  // its goal is down
  }
  AskSchedule();
}

// By its policy nothing follows: it rests, unless it is to wait for its next time or connection.
void ServiceMachine::Rest(Trigger trigger, State to, const Cause& cause) {
  const Cause why = cause;
  const bool is_wanted = record_.goal == Goal::kUp;
  if (is_wanted && IsScheduled()) {
    AwaitTime(trigger);
    if (record_.due) TryStart(Trigger::kAgain, {.kind = CauseKind::kSchedule});
    return;
  }
  if (is_wanted && IsOnDemand() && to == State::kExited) return AwaitDemandAgain(trigger, why);
  Enter(trigger, to, why);
  if (!is_wanted) Unwant();
  host_.HasEnded(service_.id);
}

}  // namespace foster
