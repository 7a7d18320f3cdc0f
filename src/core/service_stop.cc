// SPDX-License-Identifier: MIT
// The part of ServiceMachine that stops what lives: by signal, command or keys, and the rest of a tree whose
// main process has gone. A stop is over when the main process, its tree and the stop command are gone.
#include <algorithm>
#include <csignal>

#include "core/exit_rules.h"
#include "core/mutant.h"
#include "core/service_machine.h"

namespace foster {
namespace {

// What the rest of a tree gets after its main process has gone, where the service's own grace has no end.
constexpr Millis kTreeGrace{10'000};

}  // namespace

Millis ServiceMachine::TreeGrace() const {
  return spec().stop.grace == kForever ? kTreeGrace : spec().stop.grace;
}

void ServiceMachine::BeginStop(Trigger trigger, const Cause& cause) {
  Millis grace = spec().stop.grace;
  if (FOSTER_MUTANT(kGraceIgnored)) grace = Millis{0};
  record_.stop_fell_back = false;
  LeaveRunning();
  const bool may_be_taken_back =
      record_.state == State::kStarting && record_.role == Role::kMain && record_.spawn_pending;
  if (may_be_taken_back && host_.TakeSpawnBack(service_.id)) {
    record_.spawn_pending = false;
    return Decide(trigger, cause);
  }
  // While the spawn is on its way there is nobody to stop; OnSpawned does it, and the grace runs from there.
  const MonoTime own = record_.spawn_pending ? kNoDeadline : After(now_, grace);
  if (!record_.spawn_pending) SendStop();
  Enter(trigger, State::kStopping, cause, std::min(own, host_.StopBefore(service_.id)));
}

// The service has brought the stop about itself; `after` follows unless a request comes between.
void ServiceMachine::BeginOwnStop(Trigger trigger, AfterStop after, const Cause& cause) {
  record_.after_stop = after;
  record_.stop_cause = cause;
  BeginStop(trigger, Cause(cause));
}

void ServiceMachine::SendStop() {
  switch (spec().stop.method) {
    case StopMethod::kSignal:
      SendStopSignal();
      break;
    case StopMethod::kCommand:
      record_.stop_spawn_pending = true;
      host_.Emit({.kind = EffectKind::kSpawn,
                  .service = service_.id,
                  .role = Role::kStop,
                  .incarnation = record_.incarnation});
      break;
    case StopMethod::kKeys:
      host_.Emit({.kind = EffectKind::kStopKeys, .service = service_.id, .incarnation = record_.incarnation});
      break;
  }
}

// A service that is a whole tree has no main process to signal.
void ServiceMachine::SendStopSignal() {
  Signal(Role::kMain, spec().stop.signal, record_.pid == 0 ? SignalScope::kTree : spec().stop.scope);
}

// After Restore, when it is not known to have been done: a signal and keys are sent twice rather than never.
// A stop command has its own record. What main processes have left behind is told again only if it was told.
void ServiceMachine::SendStopAgain() {
  const bool is_rest = record_.pid == 0 && !record_.following;
  if (is_rest) {
    if (record_.lingering && IsEnd(record_.stop_cause)) SendStopSignal();
  } else if (spec().stop.method != StopMethod::kCommand || record_.stop_fell_back) {
    spec().stop.method == StopMethod::kKeys ? SendStop() : SendStopSignal();
  }
}

void ServiceMachine::Kill() {
  const bool is_there = record_.role != Role::kMain || MainLives();
  if (is_there) Signal(record_.role, SIGKILL, SignalScope::kTree);
  if (record_.stop_pid != 0) Signal(Role::kStop, SIGKILL, SignalScope::kTree);
}

// --- the stop command ---

void ServiceMachine::StopSpawned(const Event& event) {
  if (!record_.stop_spawn_pending || event.incarnation != record_.incarnation) return;
  record_.stop_spawn_pending = false;
  record_.stop_pid = event.pid;
  host_.Changed(service_.id);
  if (record_.state == State::kKilling) Signal(Role::kStop, SIGKILL, SignalScope::kTree);
}

void ServiceMachine::StopOver(Trigger trigger, const Event& event, bool success) {
  if (!StopCommandLives(record_) || event.incarnation != record_.incarnation) return;
  record_.stop_pid = 0;
  record_.stop_spawn_pending = false;
  host_.Changed(service_.id);
  if (!MainLives()) return MainGone(trigger, Cause(record_.cause));
  if (success || record_.state != State::kStopping) return;
  record_.stop_fell_back = true;
  SendStopSignal();
}

// --- the rest of a tree ---

// The main process has ended by itself: what follows waits for the rest of its tree, so that a new life does
// not meet it.
void ServiceMachine::StopRest(const Cause& cause) {
  if (FOSTER_MUTANT(kLostRest)) return MainGone(Trigger::kExited, cause);
  LeaveRunning();
  record_.lingering = true;
  record_.after_stop = AfterStop::kByPolicy;
  record_.stop_cause = cause;
  Signal(Role::kMain, spec().stop.signal, SignalScope::kTree);
  Enter(Trigger::kExited, State::kStopping, cause,
        std::min(After(now_, TreeGrace()), host_.StopBefore(service_.id)));
}

}  // namespace foster
