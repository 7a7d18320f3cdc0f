// SPDX-License-Identifier: MIT
#include "core/service_machine.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "core/mutant.h"

namespace foster {
namespace {

// SIGKILL is sent again this often while something is still there (a process in an uninterruptible sleep).
constexpr Millis kKillAgain{5'000};

}  // namespace

Cause CauseOf(const ExitStatus& status) {
  return {.kind = status.signal != 0 ? CauseKind::kSignaled : CauseKind::kExited, .status = status};
}

ServiceMachine::ServiceMachine(Service& service, MachineHost& host, MonoTime now)
    : service_(service), record_(service.record), host_(host), now_(now) {}

void ServiceMachine::Enter(Trigger trigger, State to, const Cause& cause, MonoTime deadline) {
  if (!IsAllowed(record_.state, trigger, to)) std::abort();
  if (record_.state != to) record_.since = now_;
  record_.state = to;
  record_.cause = cause;
  record_.deadline = deadline;
  ++record_.epoch;
  record_.ready = to == State::kRunning;
  if (to == State::kRunning && record_.running_since == MonoTime{}) record_.running_since = now_;
  host_.Changed(service_.id);
}

// --- starting ---

void ServiceMachine::Up(Trigger trigger, Goal goal, const Cause& cause) {
  if (record_.removing) return;
  if (record_.goal == Goal::kDown) record_.has_run = record_.pid != 0;
  if (record_.goal != goal) host_.Changed(service_.id);
  record_.goal = goal;
  ForgetFailures();
  switch (record_.state) {
    case State::kStopped:
    case State::kWaiting:
    case State::kBackoff:
    case State::kFailed:
      TryStart(trigger, cause);
      break;
    case State::kExited:
      if (!record_.was_up) TryStart(trigger, cause);
      break;
    case State::kStarting:
    case State::kRunning:
      break;
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      record_.restart_pending = true;
      host_.Changed(service_.id);
      break;
  }
}

void ServiceMachine::Restart(Trigger trigger, const Cause& cause) {
  if (record_.removing) return;
  const Goal goal = record_.goal == Goal::kOnce ? Goal::kOnce : Goal::kUp;
  switch (record_.state) {
    case State::kStarting:
    case State::kRunning:
      record_.goal = goal;
      ForgetFailures();
      record_.restart_pending = true;
      BeginStop(trigger, cause);
      break;
    case State::kExited:
      if (record_.goal == Goal::kDown) record_.has_run = false;
      record_.goal = goal;
      ForgetFailures();
      if (HasDownToRun()) {
        record_.restart_pending = true;
        RunDown(trigger, cause);
      } else {
        record_.was_up = false;
        TryStart(trigger, cause);
      }
      break;
    case State::kStopped:
    case State::kWaiting:
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
    case State::kBackoff:
    case State::kFailed:
      Up(trigger, goal, cause);
      break;
  }
}

void ServiceMachine::ForgetFailures() {
  record_.failed_starts = 0;
  record_.restarts_since_up = 0;
}

void ServiceMachine::OnGateChanged() {
  if (record_.goal == Goal::kDown) return;
  if (record_.state == State::kWaiting || record_.state == State::kFailed)
    TryStart(Trigger::kGate, record_.cause);
}

// From any state without a process.
void ServiceMachine::TryStart(Trigger trigger, const Cause& cause) {
  if (!spec().broken.empty()) {
    Enter(trigger, State::kFailed, {.kind = CauseKind::kBroken});
    return;
  }
  const GatesVerdict gates = host_.LookAtGates(service_.id);
  switch (gates.verdict) {
    case Verdict::kOpen:
      record_.gates_held = true;
      Launch(trigger, cause);
      if (FOSTER_MUTANT(kGateTwice) && trigger == Trigger::kGate && record_.spawn_pending) Spawn(Role::kMain);
      break;
    case Verdict::kClosed:
      Enter(trigger, State::kWaiting, {.kind = CauseKind::kGate, .other = gates.other});
      break;
    case Verdict::kImpossible:
      Enter(trigger, State::kFailed, {.kind = CauseKind::kDependency, .other = gates.other});
      break;
  }
}

void ServiceMachine::Launch(Trigger trigger, const Cause& cause) {
  ++record_.incarnation;
  record_.running_since = {};
  record_.restart_pending = record_.was_up = false;
  Enter(trigger, State::kStarting, cause);
  if (IsOneshot() && spec().run.argv.empty()) {
    record_.last_exit = {};
    record_.has_exited = record_.has_run = true;
    CompleteOneshot(Trigger::kEmpty, CauseOf({}));
    return;
  }
  Spawn(Role::kMain);
}

void ServiceMachine::Spawn(Role role) {
  record_.role = role;
  record_.spawn_pending = true;
  host_.Emit({.kind = EffectKind::kSpawn,
              .service = service_.id,
              .role = role,
              .incarnation = record_.incarnation,
              .status = role == Role::kFinish ? record_.last_exit : ExitStatus{},
              .pid = role == Role::kFinish ? record_.last_pid : 0});
}

MonoTime ServiceMachine::StartDeadline() const {
  const bool lives_through = !IsOneshot() && spec().readiness.notify_fd < 0;
  const Millis limit =
      lives_through ? std::min(spec().readiness.start_time, spec().timeouts.up) : spec().timeouts.up;
  return std::min(After(now_, limit), host_.LastMoment());
}

void ServiceMachine::BecomeRunning(Trigger trigger) {
  Enter(trigger, State::kRunning, {.kind = CauseKind::kReady}, host_.LastMoment());
}

bool ServiceMachine::Matches(const Event& event) const {
  return event.incarnation == record_.incarnation || FOSTER_MUTANT(kOldExit);
}

void ServiceMachine::OnSpawned(const Event& event) {
  if (!record_.spawn_pending || event.role != record_.role || event.incarnation != record_.incarnation)
    return;
  record_.spawn_pending = false;
  if (event.role == Role::kMain) {
    record_.pid = record_.last_pid = event.pid;
    record_.spawned_at = now_;
    record_.has_run = true;
  } else {
    record_.role_pid = event.pid;
  }
  const Cause cause = record_.cause;
  switch (record_.state) {
    case State::kStarting: {
      const bool notifies = spec().readiness.notify_fd >= 0;
      const bool is_up = notifies ? record_.ready : spec().readiness.start_time <= Millis{0};
      if (!IsOneshot() && is_up) {
        BecomeRunning(Trigger::kSpawned);
      } else {
        Enter(Trigger::kSpawned, State::kStarting, cause, StartDeadline());
      }
      break;
    }
    case State::kStopping:
      if (event.role == Role::kMain) {
        if (!FOSTER_MUTANT(kLostStopSignal)) Signal(Role::kMain, spec().stop.signal, spec().stop.scope);
        Enter(Trigger::kSpawned, State::kStopping, cause,
              std::min(After(now_, spec().stop.grace), host_.StopBefore(service_.id)));
      } else {
        Enter(Trigger::kSpawned, State::kStopping, cause,
              std::min(After(now_, spec().timeouts.down), host_.StopBefore(service_.id)));
      }
      break;
    case State::kKilling:
      Kill();
      Enter(Trigger::kSpawned, State::kKilling, cause, now_ + kKillAgain);
      break;
    case State::kFinishing:
      Enter(Trigger::kSpawned, State::kFinishing, cause,
            std::min(After(now_, spec().timeouts.finish), host_.StopBefore(service_.id)));
      break;
    case State::kStopped:
    case State::kWaiting:
    case State::kRunning:
    case State::kBackoff:
    case State::kExited:
    case State::kFailed:
      break;  // none of them has a spawn on its way
  }
}

// Also for a process that is thought to live: a new supervise takes what init was still setting up for alive.
void ServiceMachine::OnSpawnFailed(const Event& event) {
  const bool is_live = event.role == Role::kMain ? record_.pid != 0 : record_.role_pid != 0;
  const bool is_awaited = event.role == record_.role && (record_.spawn_pending || is_live);
  if (!is_awaited || event.incarnation != record_.incarnation) return;
  record_.spawn_pending = false;
  record_.pid = record_.role_pid = 0;
  const Cause failure{.kind = CauseKind::kSpawnFailed, .stage = event.stage, .error = event.error};
  switch (record_.state) {
    case State::kStarting:
    case State::kRunning:
    case State::kFinishing:
      if (record_.role == Role::kMain) record_.running_since = {};
      Decide(Trigger::kSpawnFailed, record_.role == Role::kMain ? failure : record_.cause);
      break;
    case State::kStopping:
    case State::kKilling:
      if (record_.role == Role::kDown) record_.was_up = false;
      Decide(Trigger::kSpawnFailed, record_.role == Role::kDown ? failure : record_.cause);
      break;
    case State::kStopped:
    case State::kWaiting:
    case State::kBackoff:
    case State::kExited:
    case State::kFailed:
      break;  // none of them has a process
  }
}

void ServiceMachine::OnReady(const Event& event) {
  const bool is_awaited = record_.state == State::kStarting && record_.role == Role::kMain && !IsOneshot();
  if (!is_awaited || event.incarnation != record_.incarnation || spec().readiness.notify_fd < 0) return;
  if (record_.spawn_pending) {
    record_.ready = true;  // its word came before init's; OnSpawned looks at it
  } else {
    BecomeRunning(Trigger::kReady);
  }
}

// --- stopping ---

bool ServiceMachine::HasDownToRun() const {
  return IsOneshot() && record_.was_up && !spec().down.argv.empty();
}

void ServiceMachine::Down(Trigger trigger, const Cause& cause) {
  const bool is_news = record_.goal != Goal::kDown || record_.restart_pending;
  record_.goal = Goal::kDown;
  record_.restart_pending = false;
  if (is_news) host_.Changed(service_.id);
  switch (record_.state) {
    case State::kStopped:
    case State::kFinishing:
      break;
    case State::kWaiting:
    case State::kBackoff:
    case State::kFailed:
      Stopped(trigger, cause);
      break;
    case State::kExited:
      if (HasDownToRun()) {
        RunDown(trigger, cause);
      } else {
        Stopped(trigger, cause);
      }
      break;
    case State::kStarting:
    case State::kRunning:
      BeginStop(trigger, cause);
      break;
    case State::kStopping:
    case State::kKilling:
      if (is_news) Enter(trigger, record_.state, cause, record_.deadline);
      break;
  }
}

void ServiceMachine::BeginStop(Trigger trigger, const Cause& cause) {
  Millis grace = spec().stop.grace;
  if (FOSTER_MUTANT(kGraceIgnored)) grace = Millis{0};
  // While the spawn is on its way there is nobody to signal; OnSpawned does it, and the grace runs from
  // there.
  const MonoTime own = record_.spawn_pending ? kNoDeadline : After(now_, grace);
  if (!record_.spawn_pending) Signal(Role::kMain, spec().stop.signal, spec().stop.scope);
  Enter(trigger, State::kStopping, cause, std::min(own, host_.StopBefore(service_.id)));
}

void ServiceMachine::RunDown(Trigger trigger, const Cause& cause) {
  Enter(trigger, State::kStopping, cause, host_.StopBefore(service_.id));
  Spawn(Role::kDown);
}

void ServiceMachine::Stopped(Trigger trigger, const Cause& cause) {
  const bool starts_again = record_.restart_pending && record_.goal != Goal::kDown;
  record_.restart_pending = record_.was_up = record_.lingering = false;
  record_.role = Role::kMain;
  Enter(trigger, State::kStopped, cause);
  host_.CameToRest(service_.id);
  if (starts_again && !FOSTER_MUTANT(kForgottenRestart)) TryStart(Trigger::kAgain, cause);
}

void ServiceMachine::Signal(Role role, int signal, SignalScope scope) {
  host_.Emit({.kind = EffectKind::kSignal,
              .service = service_.id,
              .role = role,
              .incarnation = record_.incarnation,
              .signal = signal,
              .scope = scope});
}

void ServiceMachine::Kill() { Signal(record_.role, SIGKILL, SignalScope::kTree); }

void ServiceMachine::Tighten() {
  const Cause cause = record_.cause;
  const bool waits_for_turn = record_.state == State::kStarting || record_.state == State::kRunning;
  const MonoTime limit = waits_for_turn ? host_.LastMoment() : host_.StopBefore(service_.id);
  if (record_.deadline <= limit) return;
  switch (record_.state) {
    case State::kStarting:
    case State::kRunning:
    case State::kFinishing:
    case State::kStopping:
      Enter(Trigger::kShutdown, record_.state, cause, limit);
      break;
    case State::kStopped:
    case State::kWaiting:
    case State::kKilling:
    case State::kBackoff:
    case State::kExited:
    case State::kFailed:
      break;
  }
}

// Its time has come: OnTimer (service_timer.cc) has looked at epoch and deadline.
void ServiceMachine::OnStateTimer() {
  const Cause cause = record_.cause;
  switch (record_.state) {
    case State::kStarting:
      if (now_ < host_.LastMoment()) {
        const bool lives_through = !IsOneshot() && spec().readiness.notify_fd < 0;
        if (lives_through && now_ >= record_.spawned_at + spec().readiness.start_time) {
          BecomeRunning(Trigger::kTimer);
        } else {
          BeginStop(Trigger::kTimer, {.kind = CauseKind::kTimedOut});
        }
        break;
      }
      [[fallthrough]];
    case State::kRunning:
    case State::kStopping:
    case State::kKilling:
      if (!record_.spawn_pending) Kill();
      Enter(Trigger::kTimer, State::kKilling, cause, now_ + kKillAgain);
      break;
    case State::kFinishing:
      if (!record_.spawn_pending) Kill();
      Enter(Trigger::kTimer, State::kFinishing, cause, now_ + kKillAgain);
      break;
    case State::kBackoff:
      RestartByItself(Trigger::kTimer);
      break;
    case State::kStopped:
    case State::kWaiting:
    case State::kExited:
    case State::kFailed:
      break;  // none of them has a timer
  }
}

}  // namespace foster
