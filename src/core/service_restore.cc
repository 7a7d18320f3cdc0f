// SPDX-License-Identifier: MIT
// The part of ServiceMachine that brings a saved record and init's child table together. The record was saved
// before the effects of its last step were performed, so any of them may be missing: what is missing is done
// again.
#include <algorithm>
#include <csignal>

#include "core/service_machine.h"

namespace foster {
namespace {

// What is not there any more and left no status is handed to finish as this code.
constexpr ExitStatus kUnknownStatus{.code = 255, .signal = 0};

}  // namespace

void ServiceMachine::Reconcile(const LiveChild* main, const LiveChild* extra, const LiveChild* stop) {
  host_.Changed(service_.id);
  if (main != nullptr && main->incarnation > record_.incarnation) {
    BelieveNewerChild(*main);
    if (extra != nullptr) KillStray(*extra);
    if (stop != nullptr) KillStray(*stop);
    return;
  }
  const bool waits_for_main = record_.role == Role::kMain && MainLives();
  const bool waits_for_extra = record_.role != Role::kMain && HasProcess(record_);
  if (main != nullptr && (!waits_for_main || main->incarnation != record_.incarnation)) {
    KillStray(*main);
    main = nullptr;
  }
  if (extra != nullptr &&
      (!waits_for_extra || extra->role != record_.role || extra->incarnation != record_.incarnation)) {
    KillStray(*extra);
    extra = nullptr;
  }
  if (stop != nullptr && (!StopCommandLives(record_) || stop->incarnation != record_.incarnation)) {
    KillStray(*stop);
    stop = nullptr;
  }
  ReconcileStop(stop);
  switch (record_.state) {
    case State::kStarting:
    case State::kRunning:
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      if (record_.role == Role::kMain) {
        ReconcileMain(main);
      } else {
        ReconcileScript(extra);
      }
      break;
    case State::kStopped:
    case State::kWaiting:
    case State::kBackoff:
    case State::kExited:
    case State::kFailed:
      break;
  }
}

void ServiceMachine::BelieveNewerChild(const LiveChild& child) {
  record_.incarnation = child.incarnation;
  record_.state = State::kStarting;
  record_.since = now_;
  record_.role = Role::kMain;
  ForgetLife();
  record_.launch = host_.NextLaunch();
  record_.stop_pid = 0;
  record_.stop_spawn_pending = false;
  record_.lingering = record_.ready = record_.was_up = false;
  record_.role_pid = 0;
  record_.spawn_pending = true;
  ++record_.epoch;
  record_.deadline = kNoDeadline;
  if (child.pid != 0) {
    OnSpawned({.kind = EventKind::kSpawned,
               .service = service_.id,
               .role = Role::kMain,
               .incarnation = child.incarnation,
               .pid = child.pid});
  }
  if (record_.goal == Goal::kDown) BeginStop(Trigger::kDown, {.kind = CauseKind::kRequest});
}

// Nobody knows it. What is left of an earlier life's tree is let alone, as it would have been without the
// restart.
void ServiceMachine::KillStray(const LiveChild& child) {
  if (child.lingering || child.pid == 0) return;
  host_.Emit({.kind = EffectKind::kSignal,
              .service = service_.id,
              .role = child.role,
              .incarnation = child.incarnation,
              .signal = SIGKILL,
              .scope = SignalScope::kTree});
}

// A stop command that is lost is asked for again; one that has ended unseen may have come to nothing.
void ServiceMachine::ReconcileStop(const LiveChild* stop) {
  if (!StopCommandLives(record_)) return;
  if (stop != nullptr) {
    if (record_.stop_spawn_pending && stop->pid != 0) {
      StopSpawned({.kind = EventKind::kSpawned, .incarnation = record_.incarnation, .pid = stop->pid});
    }
    return;
  }
  const bool is_lost = record_.stop_spawn_pending && record_.state == State::kStopping;
  record_.stop_pid = 0;
  record_.stop_spawn_pending = false;
  if (is_lost) {
    SendStop();
  } else {
    record_.stop_fell_back = true;
  }
}

void ServiceMachine::ReconcileMain(const LiveChild* main) {
  if (main == nullptr) return ReconcileMissing();
  if (record_.spawn_pending) {
    if (main->pid == 0) return;  // it failed; kSpawnFailed follows
    OnSpawned({.kind = EventKind::kSpawned,
               .service = service_.id,
               .role = Role::kMain,
               .incarnation = record_.incarnation,
               .pid = main->pid});
    return;
  }
  ReconcileLive(*main);
}

void ServiceMachine::ReconcileMissing() {
  const bool is_stopping = record_.state == State::kStopping || record_.state == State::kKilling;
  if (record_.spawn_pending) {
    if (!is_stopping) return RespawnLost();
    record_.spawn_pending = false;
    return Decide(Trigger::kRestore, Cause(record_.cause));
  }
  if (record_.pid != 0) {
    record_.last_exit = kUnknownStatus;
    record_.has_exited = true;
  }
  record_.pid = 0;
  record_.lingering = record_.following = record_.follow_pending = false;
  if (StopCommandLives(record_)) return;
  MainGone(Trigger::kRestore, is_stopping ? record_.cause : Cause{.kind = CauseKind::kLost});
}

// The signal of the last step may not have been sent, nor the question whom to follow. Twice does no harm.
void ServiceMachine::ReconcileLive(const LiveChild& main) {
  if (record_.follow_pending && !main.lingering && main.pid != 0) {
    OnFollowed({.kind = EventKind::kFollowed, .incarnation = record_.incarnation, .pid = main.pid});
  } else if (record_.follow_pending) {
    AskToFollow();
  }
  switch (record_.state) {
    case State::kRunning:
      record_.deadline = kNoDeadline;  // of a shutdown, which sets it anew
      ResumeProbes();
      break;
    case State::kStarting:
      ResumeProbes();
      break;
    case State::kStopping:
      SendStopAgain();
      break;
    case State::kKilling:
      Kill();
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

void ServiceMachine::ReconcileScript(const LiveChild* extra) {
  if (extra == nullptr) {
    if (record_.spawn_pending && record_.state != State::kKilling) return RespawnLost();
    if (record_.role == Role::kDown) record_.was_up = false;
    record_.spawn_pending = false;
    record_.role_pid = 0;
    return Decide(Trigger::kRestore, Cause(record_.cause));
  }
  if (record_.spawn_pending) {
    if (extra->pid == 0) return;  // it failed; kSpawnFailed follows
    OnSpawned({.kind = EventKind::kSpawned,
               .service = service_.id,
               .role = extra->role,
               .incarnation = record_.incarnation,
               .pid = extra->pid});
  } else if (record_.state == State::kKilling) {
    Kill();
  }
}

// With a new number: should the lost one turn up after all, it is told apart. A start is looked at anew, with
// its gates, when all have been reconciled.
void ServiceMachine::RespawnLost() {
  if (record_.role == Role::kMain) {
    record_.spawn_pending = false;
    if (record_.goal == Goal::kDown) return Stopped(Trigger::kRestore, Cause(record_.cause));
    record_.due = StartsLater();
    return Enter(Trigger::kRestore, State::kWaiting, {.kind = CauseKind::kLost});
  }
  ++record_.incarnation;
  Enter(Trigger::kRestore, record_.state, Cause(record_.cause), host_.LastMoment());
  Spawn(record_.role);
}

}  // namespace foster
