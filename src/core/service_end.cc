// SPDX-License-Identifier: MIT
// The part of ServiceMachine that follows an end: of a process, of a tree, of a script. What comes next is
// decided here: rest, another try, or giving up.
#include "core/backoff.h"
#include "core/mutant.h"
#include "core/service_machine.h"

namespace foster {
namespace {

// What the rest of a tree gets after its main process has gone, where the service's own grace has no end.
constexpr Millis kTreeGrace{10'000};
// A finish script's way to say: do not start it again.
constexpr int kPermanentFailure = 125;

std::uint32_t Increment(std::uint32_t count) { return count == kUnlimited ? count : count + 1; }

bool WantsRestart(RestartWhen when, bool success) {
  switch (when) {
    case RestartWhen::kNever:
      return false;
    case RestartWhen::kOnFailure:
      return !success;
    case RestartWhen::kAlways:
      return true;
  }
  return false;
}

}  // namespace

void ServiceMachine::OnExited(const Event& event) {
  if (!Matches(event)) return;
  if (event.role != Role::kMain) {
    if (event.role == record_.role && (record_.role_pid != 0 || record_.spawn_pending)) ScriptExited(event);
    return;
  }
  if (record_.role != Role::kMain) return;
  if (record_.pid == 0 && !record_.spawn_pending) {
    // Told again, after a restart of supervise, of a process whose tree lingered.
    if (record_.lingering && !event.lingering) OnTreeGone(event);
    return;
  }
  MainExited(event);
}

void ServiceMachine::MainExited(const Event& event) {
  if (record_.spawn_pending) {
    record_.spawn_pending = false;
    record_.has_run = true;
    record_.last_pid = event.pid;
  }
  record_.pid = 0;
  record_.last_exit = event.status;
  record_.has_exited = true;
  const Cause cause = CauseOf(event.status);
  switch (record_.state) {
    case State::kStarting:
    case State::kRunning:
      MainGone(Trigger::kExited, cause);
      break;
    case State::kStopping:
    case State::kKilling:
      if (!event.lingering) {
        MainGone(Trigger::kExited, record_.cause);
        break;
      }
      record_.lingering = true;
      host_.Changed(service_.id);
      if (record_.deadline == kNoDeadline) {
        Enter(Trigger::kExited, State::kStopping, Cause(record_.cause), now_ + kTreeGrace);
      }
      break;
    case State::kStopped:
    case State::kWaiting:
    case State::kFinishing:
    case State::kBackoff:
    case State::kExited:
    case State::kFailed:
      break;  // none of them has a main process
  }
}

void ServiceMachine::OnTreeGone(const Event& event) {
  if (!record_.lingering || event.incarnation != record_.incarnation) return;
  record_.lingering = false;
  MainGone(Trigger::kTreeGone, record_.cause);
}

// The main process, and when stopping its tree, is gone. From Starting, Running, Stopping, Killing.
void ServiceMachine::MainGone(Trigger trigger, const Cause& cause) {
  const Cause why = cause;
  record_.lingering = false;
  const bool lived = record_.running_since != MonoTime{};
  if (lived && now_ - record_.running_since >= spec().restart.reset_after) record_.failed_starts = 0;
  if (IsOneshot()) {
    const bool success = cause.kind != CauseKind::kLost && IsSuccess(spec(), record_.last_exit);
    const bool is_stopping = record_.state == State::kStopping || record_.state == State::kKilling;
    const bool start_failed = record_.goal != Goal::kDown && !record_.restart_pending;
    if (success && !is_stopping) return CompleteOneshot(trigger, why);
    record_.was_up = success && !start_failed;
    if (is_stopping && HasDownToRun()) return RunDown(trigger, why);
  } else if (!spec().finish.argv.empty()) {
    Enter(trigger, State::kFinishing, why, host_.LastMoment());
    return Spawn(Role::kFinish);
  }
  Decide(trigger, why);
}

void ServiceMachine::CompleteOneshot(Trigger trigger, const Cause& cause) {
  record_.was_up = true;
  record_.failed_starts = 0;
  if (record_.goal == Goal::kOnce) record_.goal = Goal::kDown;
  Enter(trigger, State::kExited, cause);
}

// A finish or down script is over.
void ServiceMachine::ScriptExited(const Event& event) {
  record_.role_pid = 0;
  record_.spawn_pending = false;
  const bool is_down = record_.role == Role::kDown;
  record_.role = Role::kMain;
  if (is_down) {
    record_.was_up = false;
    const bool success = event.status.signal == 0 && event.status.code == 0;
    Decide(Trigger::kExited, success ? record_.cause : CauseOf(event.status));
    return;
  }
  const bool is_permanent = event.status.signal == 0 && event.status.code == kPermanentFailure;
  if (is_permanent && record_.goal != Goal::kDown && !service_.next) {
    record_.restart_pending = false;
    Enter(Trigger::kExited, State::kFailed, {.kind = CauseKind::kPermanent});
    return;
  }
  Decide(Trigger::kExited, record_.cause);
}

// Nothing lives any more. What follows?
void ServiceMachine::Decide(Trigger trigger, const Cause& cause) {
  const Cause why = cause;
  record_.role = Role::kMain;
  if (record_.goal == Goal::kDown || record_.restart_pending) return Stopped(trigger, why);
  if (record_.goal == Goal::kOnce) {
    record_.goal = Goal::kDown;
    return ComeToAnEnd(trigger, why);
  }
  if (record_.running_since == MonoTime{}) return FailedStart(trigger, why);
  Ended(trigger, why);
}

// No further try is wanted. A longrun that ended has Exited, however; a start that came to nothing has
// Failed.
void ServiceMachine::ComeToAnEnd(Trigger trigger, const Cause& cause) {
  const bool has_ended = cause.kind == CauseKind::kExited || cause.kind == CauseKind::kSignaled ||
                         cause.kind == CauseKind::kLost;
  Enter(trigger, !IsOneshot() && has_ended ? State::kExited : State::kFailed, cause);
}

void ServiceMachine::FailedStart(Trigger trigger, const Cause& cause) {
  const RestartPolicy& policy = spec().restart;
  const bool not_spawned = cause.kind == CauseKind::kSpawnFailed;
  const bool success = cause.kind == CauseKind::kExited && IsSuccess(spec(), record_.last_exit);
  record_.failed_starts = Increment(record_.failed_starts);
  if (!not_spawned && !policy.retry_failed_start) {
    if (!WantsRestart(policy.when, success)) return ComeToAnEnd(trigger, cause);
    const bool is_spent =
        policy.max_restarts != kUnlimited && record_.restarts_since_up >= policy.max_restarts;
    if (is_spent) return GiveUp(trigger, cause);
  }
  if (policy.start_retries != kUnlimited && record_.failed_starts > policy.start_retries)
    return GiveUp(trigger, cause);
  if (FOSTER_MUTANT(kLostRearm) && not_spawned) return Enter(trigger, State::kBackoff, cause, kNoDeadline);
  BackOff(trigger, cause, FailedStartDelay(policy, record_.failed_starts));
}

void ServiceMachine::Ended(Trigger trigger, const Cause& cause) {
  const RestartPolicy& policy = spec().restart;
  const bool success = cause.kind == CauseKind::kExited && IsSuccess(spec(), record_.last_exit);
  const bool is_spent = policy.max_restarts != kUnlimited && record_.restarts_since_up >= policy.max_restarts;
  if (!WantsRestart(policy.when, success) || (is_spent && success))
    return Enter(trigger, State::kExited, cause);
  if (is_spent) return GiveUp(trigger, cause);
  BackOff(trigger, cause, EndingDelay(policy, now_ - record_.running_since));
}

void ServiceMachine::GiveUp(Trigger trigger, const Cause& cause) {
  Cause last = cause;
  last.kind = CauseKind::kGaveUp;
  Enter(trigger, State::kFailed, last);
}

void ServiceMachine::BackOff(Trigger trigger, const Cause& cause, Millis delay) {
  Enter(trigger, State::kBackoff, cause, After(now_, delay));
  if (delay <= Millis{0}) RestartByItself(Trigger::kAgain);
}

void ServiceMachine::RestartByItself(Trigger trigger) {
  record_.restarts = Increment(record_.restarts);
  record_.restarts_since_up = Increment(record_.restarts_since_up);
  Launch(trigger, Cause(record_.cause));
}

}  // namespace foster
