// SPDX-License-Identifier: MIT
#include "core/service_machine.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "core/budget.h"
#include "core/mutant.h"
#include "foster/init_protocol.h"

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
  const State from = record_.state;
  if (to != State::kStarting && to != State::kRunning) EndProbes();
  if (from != to) record_.since = now_;
  record_.state = to;
  record_.cause = cause;
  record_.deadline = deadline;
  ++record_.epoch;
  record_.ready = to == State::kRunning && (from != State::kRunning || record_.ready);
  FollowIdle();
  if (to == State::kRunning && record_.running_since == MonoTime{}) record_.running_since = now_;
  host_.Changed(service_.id);
}

// Before its end is judged: having been up for long enough forgives what was before.
void ServiceMachine::LeaveRunning() {
  const bool was_up = record_.state == State::kRunning && record_.running_since != MonoTime{};
  if (was_up && now_ - record_.running_since >= spec().restart.reset_after)
    record_.failed_starts = record_.endings = 0;
}

// --- starting ---

bool ServiceMachine::IsHeldDown(const ServiceRecord& record) {
  return record.pin == Pin::kDown && !FOSTER_MUTANT(kPinIgnored);
}

void ServiceMachine::Up(Trigger trigger, Goal goal, const Cause& cause) {
  if (record_.removing || IsHeldDown(record_)) return;
  const bool asks_for_run = AsksForRun(trigger, goal, cause);
  Want(goal);
  if (asks_for_run) record_.due = true;
  ForgetFailures();
  switch (record_.state) {
    case State::kStopped:
    case State::kWaiting:
    case State::kBackoff:
    case State::kFailed:
      TryStart(trigger, cause);
      break;
    case State::kExited:
      if (record_.was_up && !record_.due) break;
      record_.was_up = false;
      TryStart(trigger, cause);
      break;
    case State::kStarting:
    case State::kRunning:
      FollowIdle();
      AskSchedule();
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
  if (record_.removing || IsHeldDown(record_)) return;
  const Goal goal = record_.goal == Goal::kOnce ? Goal::kOnce : Goal::kUp;
  switch (record_.state) {
    case State::kStarting:
    case State::kRunning:
      Want(goal);
      record_.due = StartsLater();
      ForgetFailures();
      record_.restart_pending = true;
      BeginStop(trigger, cause);
      break;
    case State::kExited:
      Want(goal);
      record_.due = StartsLater();
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
  record_.failed_starts = record_.endings = 0;
  record_.restarts_since_up = 0;
  ForgetRestarts(record_);
}

// A new incarnation begins: what the one before has said and shown is not its own.
void ServiceMachine::ForgetLife() {
  EndProbes();
  for (ProbeRecord& line : record_.probes) line = {.number = line.number};
  record_.running_since = {};
  record_.said_ready = record_.reloading = record_.said_stopping = false;
  record_.following = record_.follow_pending = false;
  record_.named_pid = 0;
  record_.watchdog = spec().liveness.watchdog;
  record_.after_stop = AfterStop::kByPolicy;
  record_.stop_cause = {};
}

void ServiceMachine::OnGateChanged() {
  if (record_.goal == Goal::kDown || WaitsFor(CauseKind::kSchedule)) return;
  const bool waits_for_demand = WaitsFor(CauseKind::kDemand);
  if (waits_for_demand && host_.LookAtGates(service_.id).verdict != Verdict::kImpossible) return;
  if (record_.state == State::kWaiting || record_.state == State::kFailed)
    TryStart(Trigger::kGate, record_.cause);
}

// From any state without a process.
void ServiceMachine::TryStart(Trigger trigger, const Cause& cause) {
  if (!spec().broken.empty()) {
    Enter(trigger, State::kFailed, {.kind = CauseKind::kBroken});
    return;
  }
  const bool may_start = !StartsLater() || record_.due || record_.goal == Goal::kOnce;
  if (IsScheduled() && !may_start) return AwaitTime(trigger);
  const GatesVerdict gates = host_.LookAtGates(service_.id);
  switch (gates.verdict) {
    case Verdict::kOpen:
      if (IsOnDemand() && !may_start) return AwaitDemand(trigger);
      record_.gates_held = true;
      Launch(trigger, cause);
      if (FOSTER_MUTANT(kGateTwice) && trigger == Trigger::kGate && record_.spawn_pending) Spawn(Role::kMain);
      break;
    case Verdict::kClosed:
      Enter(trigger, State::kWaiting, {.kind = CauseKind::kGate, .other = gates.other});
      break;
    case Verdict::kImpossible:
      CannotStart(trigger, gates.other);
      break;
  }
}

void ServiceMachine::Launch(Trigger trigger, const Cause& cause) {
  const Cause why = cause;
  ++record_.incarnation;
  record_.launch = host_.NextLaunch();
  ForgetLife();
  record_.restart_pending = record_.was_up = record_.due = false;
  Enter(trigger, State::kStarting, why);
  AskSchedule();
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
  const Millis limit =
      LivesThrough() ? std::min(spec().readiness.start_time, spec().timeouts.up) : spec().timeouts.up;
  return std::min(After(now_, limit), host_.LastMoment());
}

void ServiceMachine::BecomeRunning(Trigger trigger) {
  Enter(trigger, State::kRunning, {.kind = CauseKind::kReady}, host_.LastMoment());
  if (record_.said_stopping) record_.ready = false;
  BeginProbes(ProbeUse::kLiveness);
  FeedWatchdog();
}

bool ServiceMachine::Matches(const Event& event) const {
  return event.incarnation == record_.incarnation || FOSTER_MUTANT(kOldExit);
}

void ServiceMachine::OnSpawned(const Event& event) {
  if (event.role == Role::kStop) return StopSpawned(event);
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
    case State::kStarting:
      if (IsUpAtOnce()) {
        BecomeRunning(Trigger::kSpawned);
      } else {
        Enter(Trigger::kSpawned, State::kStarting, cause, StartDeadline());
      }
      BeginProbes(ProbeUse::kReadiness);
      break;
    case State::kStopping:
      if (event.role == Role::kMain) {
        if (!FOSTER_MUTANT(kLostStopSignal)) SendStop();
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
  if (event.role == Role::kStop) return StopOver(Trigger::kSpawnFailed, event, false);
  if (WaitsFor(CauseKind::kDemand)) {
    const bool is_socket = event.role == Role::kMain && event.stage == kStageSocket;
    if (is_socket && event.incarnation == record_.incarnation) SocketFailed(event);
    return;
  }
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
      if (StopCommandLives(record_)) return host_.Changed(service_.id);  // StopOver follows
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

// --- stopping ---

bool ServiceMachine::HasDownToRun() const {
  return IsOneshot() && record_.was_up && !spec().down.argv.empty();
}

void ServiceMachine::Down(Trigger trigger, const Cause& cause) {
  if (record_.pin == Pin::kUp && trigger != Trigger::kShutdown && !record_.removing) return;
  const bool is_news = record_.goal != Goal::kDown || record_.restart_pending;
  Unwant();
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
        if (LivesThrough() && now_ - record_.spawned_at >= spec().readiness.start_time) {
          BecomeRunning(Trigger::kTimer);
        } else {
          BeginOwnStop(Trigger::kTimer, AfterStop::kByPolicy, {.kind = CauseKind::kTimedOut});
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
