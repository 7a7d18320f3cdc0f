// SPDX-License-Identifier: MIT
// The part of ServiceMachine that follows an end: of a process, of a tree, of a script. What comes next is
// decided here: rest, another try, or giving up.
#include "core/backoff.h"
#include "core/budget.h"
#include "core/exit_rules.h"
#include "core/mutant.h"
#include "core/service_machine.h"

namespace foster {
namespace {

// A finish script's way to say: do not start it again.
constexpr int kPermanentFailure = 125;

bool IsSpent(const RestartPolicy& policy, const ServiceRecord& record) {
  return policy.max_restarts != kUnlimited && record.restarts_since_up >= policy.max_restarts;
}

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
  if (event.role == Role::kStop) return StopOver(Trigger::kExited, event, event.status == ExitStatus{});
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
      if (BecomesDaemon(event)) return AwaitFollowed();
      record_.following = false;
      if (event.lingering && !IsOneshot() && !spec().stop.keep_rest) return StopRest(cause);
      MainGone(Trigger::kExited, cause);
      break;
    case State::kStopping:
    case State::kKilling:
      host_.Changed(service_.id);
      record_.lingering = event.lingering;
      record_.following = false;
      if (!event.lingering) {
        if (!StopCommandLives(record_)) MainGone(Trigger::kExited, record_.cause);
        break;
      }
      // The rest has not heard of the stop yet, unless the whole tree was told.
      if (record_.state == State::kStopping && spec().stop.scope != SignalScope::kTree)
        Signal(Role::kMain, spec().stop.signal, SignalScope::kTree);
      if (record_.deadline == kNoDeadline) {
        Enter(Trigger::kExited, State::kStopping, Cause(record_.cause), now_ + TreeGrace());
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
  const bool is_it = event.role == Role::kMain && event.incarnation == record_.incarnation;
  if (!record_.lingering || !is_it) return;
  record_.lingering = record_.following = record_.follow_pending = false;
  host_.Changed(service_.id);
  if (record_.state == State::kStarting || record_.state == State::kRunning) {
    // It had gone into the background, and its last process is gone: nobody has seen how.
    record_.last_exit = {};
    return MainGone(Trigger::kTreeGone, CauseOf({}));
  }
  if (!StopCommandLives(record_)) MainGone(Trigger::kTreeGone, record_.cause);
}

// The main process, and when stopping its tree, is gone. From Starting, Running, Stopping, Killing.
void ServiceMachine::MainGone(Trigger trigger, const Cause& cause) {
  const Cause why = cause;
  LeaveRunning();
  record_.lingering = record_.following = record_.follow_pending = false;
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
  Rest(trigger, State::kExited, cause);
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
    return host_.HasEnded(service_.id);
  }
  Decide(Trigger::kExited, record_.cause);
}

// Nothing lives any more. What follows?
void ServiceMachine::Decide(Trigger trigger, const Cause& cause) {
  const Cause why = cause;
  const AfterStop after = record_.after_stop;
  record_.after_stop = AfterStop::kByPolicy;
  record_.role = Role::kMain;
  if (record_.goal == Goal::kDown || record_.restart_pending) return Stopped(trigger, why);
  if (record_.goal == Goal::kOnce) {
    record_.goal = Goal::kDown;
    return ComeToAnEnd(trigger, why);
  }
  if (after == AfterStop::kFail) return Rest(trigger, State::kFailed, why);
  const bool must_restart = after == AfterStop::kRestart;
  if (record_.running_since == MonoTime{}) return FailedStart(trigger, why, must_restart);
  Ended(trigger, why, must_restart);
}

// No further try is wanted. A longrun that ended has Exited, however; a start that came to nothing, or a life
// that was ended for what its probes said, has Failed.
void ServiceMachine::ComeToAnEnd(Trigger trigger, const Cause& cause) {
  const bool has_ended = IsEnd(cause) || cause.kind == CauseKind::kLost;
  Rest(trigger, !IsOneshot() && has_ended ? State::kExited : State::kFailed, cause);
}

bool ServiceMachine::RuleEndsIt(Trigger trigger, const Cause& cause, const ExitRule* rule) {
  if (rule == nullptr || rule->verdict == ExitRule::Verdict::kRestart) return false;
  Rest(trigger, rule->verdict == ExitRule::Verdict::kDone ? State::kExited : State::kFailed, cause);
  return true;
}

void ServiceMachine::FailedStart(Trigger trigger, const Cause& cause, bool must_restart) {
  const RestartPolicy& policy = spec().restart;
  const ExitRule* rule = FindRule(spec(), cause);
  const bool not_spawned = cause.kind == CauseKind::kSpawnFailed;
  record_.failed_starts = Increment(record_.failed_starts);
  if (RuleEndsIt(trigger, cause, rule)) return;
  if (IsHopeless(cause)) return ComeToAnEnd(trigger, cause);
  if (!not_spawned && !policy.retry_failed_start) {
    const bool is_wanted =
        must_restart || rule != nullptr || WantsRestart(policy.when, EndedWell(spec(), cause));
    if (!is_wanted) return ComeToAnEnd(trigger, cause);
    if (IsSpent(policy, record_)) return GiveUp(trigger, cause);
  }
  if (policy.start_retries != kUnlimited && record_.failed_starts > policy.start_retries)
    return GiveUp(trigger, cause);
  if (FOSTER_MUTANT(kLostRearm) && not_spawned) return Enter(trigger, State::kBackoff, cause, kNoDeadline);
  TryAgain(trigger, cause, FailedStartDelay(policy, record_.failed_starts));
}

void ServiceMachine::Ended(Trigger trigger, const Cause& cause, bool must_restart) {
  const RestartPolicy& policy = spec().restart;
  const ExitRule* rule = FindRule(spec(), cause);
  if (RuleEndsIt(trigger, cause, rule)) return;
  const bool success = EndedWell(spec(), cause);
  const bool by_policy = !must_restart && rule == nullptr;
  if (by_policy && !WantsRestart(policy.when, success)) return ComeToAnEnd(trigger, cause);
  if (IsSpent(policy, record_)) {
    return by_policy && success ? Rest(trigger, State::kExited, cause) : GiveUp(trigger, cause);
  }
  record_.endings = Increment(record_.endings);
  TryAgain(trigger, cause,
           policy.grow_endings ? FailedStartDelay(policy, record_.endings)
                               : EndingDelay(policy, now_ - record_.running_since));
}

// stop_cause keeps what the last try came to.
void ServiceMachine::GiveUp(Trigger trigger, const Cause& cause) {
  Cause last = cause;
  record_.stop_cause = cause;
  last.kind = CauseKind::kGaveUp;
  Rest(trigger, State::kFailed, last);
}

void ServiceMachine::TryAgain(Trigger trigger, const Cause& cause, Millis delay) {
  const RestartPolicy& policy = spec().restart;
  const std::uint64_t key = MixKey(host_.Seed(), service_.id, record_.incarnation);
  const Millis wait = WithJitter(delay, policy.jitter_percent, key);
  if (!HasBudget(policy, record_, After(now_, wait))) return GiveUp(trigger, cause);
  BackOff(trigger, cause, wait);
}

void ServiceMachine::BackOff(Trigger trigger, const Cause& cause, Millis delay) {
  Enter(trigger, State::kBackoff, cause, After(now_, delay));
  if (delay <= Millis{0}) RestartByItself(Trigger::kAgain);
}

// Its gates are looked at again: what it depends on may have gone meanwhile.
void ServiceMachine::RestartByItself(Trigger trigger) {
  if (record_.after_stop == AfterStop::kWait) return TryStart(trigger, Cause(record_.cause));
  const GatesVerdict gates = host_.LookAtGates(service_.id);
  record_.due = StartsLater();
  if (gates.verdict == Verdict::kImpossible) return TryStart(trigger, Cause(record_.cause));
  // A new plan may have another budget.
  if (!HasBudget(spec().restart, record_, now_)) return GiveUp(trigger, Cause(record_.cause));
  record_.restarts = Increment(record_.restarts);
  record_.restarts_since_up = Increment(record_.restarts_since_up);
  NoteRestart(record_, now_);
  TryStart(trigger, Cause(record_.cause));
}

}  // namespace foster
