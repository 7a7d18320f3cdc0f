// SPDX-License-Identifier: MIT
// The rules that every step of the exhaustive search must keep.
#include <csignal>

#include "sim/search_node.h"

namespace foster::sim {
namespace {

bool IsUp(const ServiceRecord& record) {
  return record.state == State::kStarting || record.state == State::kRunning;
}

const char* BrokenBySpawn(const SearchStep& step, const Effect& effect) {
  const ServiceRecord& was = step.before.record;
  const ServiceRecord& is = step.after.record;
  if (effect.incarnation != is.incarnation) return "spawned for another life";
  if (effect.role == Role::kStop) {
    if (was.stop_spawn_pending && !step.is_restore) return "asked for a second stop command";
    return is.stop_spawn_pending ? nullptr : "forgot its stop command";
  }
  if (!is.spawn_pending || is.role != effect.role) return "forgot its spawn";
  if (was.spawn_pending && is.incarnation == was.incarnation && is.role == was.role)
    return "spawned while a spawn is on its way";
  if (effect.role != Role::kMain) return nullptr;
  if (step.after.gates != Verdict::kOpen) return "started at a closed gate";
  if (step.after.last_moment != kNoDeadline) return "started while shutting down";
  if (is.pin == Pin::kDown) return "started though pinned down";
  return nullptr;
}

const char* BrokenByEffects(const SearchStep& step) {
  const ServiceRecord& was = step.before.record;
  int spawns[kRoles] = {};
  for (const Effect& effect : step.effects) {
    if (effect.kind == EffectKind::kSpawn) {
      if (++spawns[static_cast<std::size_t>(effect.role)] > 1) return "spawned twice";
      if (const char* why = BrokenBySpawn(step, effect)) return why;
    }
    const bool is_kill = effect.kind == EffectKind::kSignal && effect.signal == SIGKILL;
    const bool was_due = was.deadline != kNoDeadline && step.now >= was.deadline;
    if (is_kill && !step.is_restore && !was_due && was.state != State::kKilling)
      return "killed before its time";
  }
  return nullptr;
}

const char* BrokenInWaiting(const SearchStep& step) {
  const SearchNode& node = step.after;
  if (node.record.goal == Goal::kDown || ServiceMachine::HasProcess(node.record)) return "does not just wait";
  switch (node.record.cause.kind) {
    case CauseKind::kSchedule:
      if (node.asked_schedule) return nullptr;
      return TimerOf(node.record, TimerKind::kSchedule).deadline == kNoDeadline ? "waits for no time"
                                                                                : nullptr;
    case CauseKind::kDemand:
      return node.awaits_demand ? nullptr : "waits for a connection that nobody watches";
    default:
      return node.gates == Verdict::kOpen ? "waits for an open gate" : nullptr;
  }
}

const char* BrokenInState(const SearchStep& step) {
  const ServiceRecord& is = step.after.record;
  const bool is_wanted = is.goal != Goal::kDown;
  const bool has_process = ServiceMachine::HasProcess(is);
  switch (is.state) {
    case State::kStopped:
      return is_wanted || has_process ? "not at rest" : nullptr;
    case State::kWaiting:
      return BrokenInWaiting(step);
    case State::kBackoff:
      return !is_wanted || has_process || is.deadline == kNoDeadline ? "has no timer" : nullptr;
    case State::kExited:
    case State::kFailed:
      return has_process ? "forgot a process" : nullptr;
    case State::kStarting:
    case State::kRunning:
      if (is.pid == 0 && !is.spawn_pending && !is.lingering) return "has no process";
      if (is.role != Role::kMain) return "has no main process";
      if (is.lingering && !is.following) return "lives in a rest";
      if (is_wanted || is.waits_for_dependents || step.after.last_moment != kNoDeadline) return nullptr;
      return "lives unwanted";
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      return has_process ? nullptr : "waits for nobody";
  }
  return nullptr;
}

const char* BrokenInProcesses(const SearchStep& step) {
  const ServiceRecord& is = step.after.record;
  if (is.pid != 0 && is.role_pid != 0) return "two processes";
  if (is.lingering && !IsUp(is) && is.deadline == kNoDeadline) return "lingers for ever";
  const bool is_stopping = is.state == State::kStopping || is.state == State::kKilling;
  if (ServiceMachine::StopCommandLives(is) && (!is_stopping || is.role != Role::kMain))
    return "a stop command without a stop";
  if (is.follow_pending && !is.following) return "asks whom to follow without need";
  return nullptr;
}

bool Goes(const ServiceRecord& record, ProbeUse use, TimerKind timer) {
  return ProbeOf(record, use).pending || TimerOf(record, timer).deadline != kNoDeadline;
}

// Each is asked for where it says something, and nowhere else.
const char* BrokenInProbes(const SearchStep& step) {
  const ServiceRecord& is = step.after.record;
  const ServiceSpec& spec = step.spec;
  const bool is_running = is.state == State::kRunning;
  const bool is_longrun = spec.type == ServiceType::kLongrun;
  const auto is_set = [&is](TimerKind kind) { return TimerOf(is, kind).deadline != kNoDeadline; };
  const auto& readiness = ProbeOf(is, ProbeUse::kReadiness);
  const bool asks_readiness = Goes(is, ProbeUse::kReadiness, TimerKind::kReadiness);
  const bool asks_liveness = Goes(is, ProbeUse::kLiveness, TimerKind::kLiveness);
  const bool asks_idle = Goes(is, ProbeUse::kIdle, TimerKind::kIdle);
  if (asks_readiness && (!IsUp(is) || is.spawn_pending || !is_longrun)) return "readiness asked for nothing";
  if (asks_liveness && !is_running) return "liveness asked for nothing";
  if (asks_idle && (!is_running || is.goal != Goal::kUp)) return "idleness asked for nothing";
  if (is_set(TimerKind::kWatchdog) && (!is_running || is.watchdog <= Millis{0})) return "watched for nothing";
  if (is_set(TimerKind::kSchedule) && (spec.schedule.kind == ScheduleKind::kNone || is.goal == Goal::kDown))
    return "has a time for nothing";
  if (is_set(TimerKind::kState)) return "has two timers of its state";
  const bool must_be_ready = IsUp(is) && !is.spawn_pending && is_longrun;
  if (must_be_ready && spec.readiness.probe.kind == ProbeKind::kTcp && !asks_readiness)
    return "its readiness is never asked for";
  if (must_be_ready && spec.readiness.probe.kind == ProbeKind::kLogLine && readiness.began == MonoTime{})
    return "its line is never looked for";
  if (is_running && is_longrun && spec.liveness.probe.kind != ProbeKind::kNone && !asks_liveness)
    return "its liveness is never asked for";
  return nullptr;
}

const char* BrokenInPin(const SearchStep& step) {
  const ServiceRecord& is = step.after.record;
  if (step.after.last_moment != kNoDeadline) return nullptr;
  if (is.pin == Pin::kDown && is.goal != Goal::kDown) return "up though pinned down";
  if (is.pin == Pin::kUp && is.goal == Goal::kDown) return "down though pinned up";
  return nullptr;
}

}  // namespace

const char* BrokenRule(const SearchStep& step) {
  for (const auto rule : {BrokenByEffects, BrokenInState, BrokenInProcesses, BrokenInProbes, BrokenInPin}) {
    if (const char* why = rule(step)) return why;
  }
  return nullptr;
}

}  // namespace foster::sim
