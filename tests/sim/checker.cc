// SPDX-License-Identifier: MIT
#include "sim/checker.h"

#include <algorithm>
#include <csignal>
#include <string>

#include "sim/random_plan.h"

namespace foster::sim {
namespace {

// As the words of GateKind say it, from the outside.
bool GateHolds(GateKind kind, const ServiceSpec& spec, const ServiceRecord& record) {
  const bool is_success =
      record.has_exited && record.last_exit.signal == 0 &&
      std::count(spec.success_codes.begin(), spec.success_codes.end(), record.last_exit.code) != 0;
  const bool is_at_rest =
      record.state == State::kExited || record.state == State::kFailed || record.state == State::kStopped;
  switch (kind) {
    case GateKind::kStarted:
      return record.has_run || record.state == State::kExited || record.cause.kind == CauseKind::kDemand;
    case GateKind::kReady:
    case GateKind::kHealthy:
      if (spec.type == ServiceType::kOneshot) return record.state == State::kExited && is_success;
      if (spec.activation == Activation::kOnDemand && record.state == State::kWaiting &&
          record.cause.kind == CauseKind::kDemand)
        return true;  // its socket is there
      return record.state == State::kRunning && record.ready && (record.pid != 0 || record.following);
    case GateKind::kCompleted:
      return is_at_rest;
    case GateKind::kCompletedSuccessfully:
      return record.state == State::kExited && is_success;
    case GateKind::kStopped:
      return is_at_rest;
  }
  return false;
}

unsigned HeldKinds(const ServiceSpec& spec, const ServiceRecord& record) {
  unsigned held = 0;
  for (unsigned kind = 0; kind <= static_cast<unsigned>(GateKind::kStopped); ++kind) {
    if (GateHolds(static_cast<GateKind>(kind), spec, record)) held |= 1u << kind;
  }
  return held;
}

[[noreturn]] void Fail(const Engine& engine, ServiceId id, const std::string& what) {
  const ServiceRecord& record = engine.record(id);
  throw Violation(what + ": " + engine.spec(id).name + " " + std::string(NameOf(record.state)) + ", goal " +
                  std::string(NameOf(record.goal)) + ", #" + std::to_string(record.incarnation));
}

}  // namespace

void Checker::Before(const Engine& engine) {
  before_.assign(engine.capacity(), {});
  was_there_.assign(engine.capacity(), false);
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id)) continue;
    before_[id] = engine.record(id);
    was_there_[id] = true;
  }
}

void Checker::ShutdownCalled(MonoTime now, MonoTime deadline) {
  shutdown_at_ = std::min(shutdown_at_, now);
  last_moment_ = std::min(last_moment_, std::max(now, deadline - Millis{500}));
}

void Checker::Observe(const Engine& engine, const FakeInit& init, const Plan& plan, CallKind kind,
                      MonoTime now) {
  before_.resize(engine.capacity());
  was_there_.resize(engine.capacity(), false);
  for (const Effect& effect : engine.effects()) {
    switch (effect.kind) {
      case EffectKind::kSpawn:
        if (effect.role == Role::kStop) {
          SeeStop(engine, effect, plan, now);
          break;
        }
        watches_[NumberOf(engine.spec(effect.service).name)].stopped_incarnation = 0;
        SeeSpawn(engine, effect, kind);
        break;
      case EffectKind::kSignal:
        if (effect.signal == SIGKILL) {
          SeeKill(engine, init, effect, now);
        } else {
          SeeStop(engine, effect, plan, now);
        }
        break;
      case EffectKind::kStopKeys:
        SeeStop(engine, effect, plan, now);
        break;
      case EffectKind::kProbe:
      case EffectKind::kFollow:
      case EffectKind::kAwaitDemand:
      case EffectKind::kSchedule:
      case EffectKind::kEndContainer:
      case EffectKind::kArmTimer:
      case EffectKind::kChanged:
      case EffectKind::kRemoved:
      case EffectKind::kAllStopped:
        break;
    }
  }
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id)) continue;
    const ServiceRecord& record = engine.record(id);
    Watch& watch = watches_[NumberOf(engine.spec(id).name)];
    // What held at the moment when the goal went up counts as having held since.
    const bool goes_up = was_there_[id] && before_[id].goal == Goal::kDown && record.goal != Goal::kDown;
    if (goes_up) watch.held = HeldKinds(engine.spec(id), before_[id]);
    watch.held |= HeldKinds(engine.spec(id), record);
    if (record.role_pid != watch.role_pid) {
      watch.role_pid = record.role_pid;
      const Timeouts& timeouts = engine.spec(id).timeouts;
      watch.script_time = record.role == Role::kDown ? timeouts.down : timeouts.finish;
    }
  }
}

// From the outside, by the strength of the gate.
bool Checker::Lets(const Engine& engine, const Gate& gate) const {
  const ServiceId other = engine.Find(gate.service);
  if (other == kNoService)
    return gate.strength == GateStrength::kSoft || gate.strength == GateStrength::kOrder;
  const ServiceSpec& spec = engine.spec(other);
  const ServiceRecord& record = engine.record(other);
  if (GateHolds(gate.kind, spec, record)) return true;
  switch (gate.strength) {
    case GateStrength::kHard:
      return false;
    case GateStrength::kMilestone:
      return (watches_[NumberOf(spec.name)].held >> static_cast<unsigned>(gate.kind) & 1) != 0;
    case GateStrength::kSoft:
      return record.state == State::kFailed || record.state == State::kExited;
    case GateStrength::kOrder:
      return record.state != State::kStarting || record.goal == Goal::kDown;
  }
  return false;
}

// Nothing starts before its gates hold, be it the first time or again. What a new plan or a crash moves may
// have moved on within the same call.
void Checker::SeeSpawn(const Engine& engine, const Effect& effect, CallKind kind) const {
  if (engine.shutting_down() && effect.role == Role::kMain)
    Fail(engine, effect.service, "started while shutting down");
  if (effect.role != Role::kMain || kind != CallKind::kStep) return;
  for (const Gate& gate : engine.spec(effect.service).gates) {
    if (Lets(engine, gate)) continue;
    const ServiceId other = engine.Find(gate.service);
    const std::string is = other == kNoService ? "missing" : std::string(NameOf(engine.record(other).state));
    Fail(engine, effect.service,
         "started before its gate on " + gate.service + " (" + std::string(NameOf(gate.kind)) + ", " +
             std::string(NameOf(gate.strength)) + "), which is " + is);
  }
}

void Checker::SeeStop(const Engine& engine, const Effect& effect, const Plan& plan, MonoTime now) {
  Watch& watch = watches_[NumberOf(engine.spec(effect.service).name)];
  if (watch.stopped_incarnation == effect.incarnation) return;
  watch.stopped_incarnation = effect.incarnation;
  watch.stopped_at = now;
  watch.grace = engine.spec(effect.service).stop.grace;
  const State before = before_[effect.service].state;
  const bool is_new = before == State::kStarting || before == State::kRunning;
  if (engine.shutting_down() && is_new && engine.record(effect.service).cause.kind == CauseKind::kShutdown) {
    SeeTurn(engine, effect.service, plan, now);
  }
}

// In a shutdown a service is told to stop after those that have a gate on it; foster's own after all others.
void Checker::SeeTurn(const Engine& engine, ServiceId id, const Plan& plan, MonoTime now) const {
  if (now >= last_moment_) return;
  const ServiceSpec& spec = engine.spec(id);
  for (const ServiceSpec& other : plan.services) {
    const ServiceId dependent = engine.Find(other.name);
    if (dependent == kNoService || dependent == id || engine.record(dependent).state == State::kStopped)
      continue;
    const bool depends = std::any_of(other.gates.begin(), other.gates.end(),
                                     [&](const Gate& gate) { return gate.service == spec.name; });
    const bool counts = depends && other.broken.empty() && (spec.internal || !other.internal);
    if (counts || (spec.internal && !other.internal)) Fail(engine, id, "told to stop before " + other.name);
  }
}

bool Checker::ShutdownMayKill(MonoTime told, MonoTime now) const {
  if (shutdown_at_ == kNoDeadline) return false;
  const MonoTime begin = std::max(told, shutdown_at_);
  return begin >= last_moment_ || now >= begin + (last_moment_ - begin) / 2;
}

// KILL never before the grace ends.
void Checker::SeeKill(const Engine& engine, const FakeInit& init, const Effect& effect, MonoTime now) const {
  const std::uint32_t number = NumberOf(engine.spec(effect.service).name);
  const Watch& watch = watches_[number];
  if (effect.role != Role::kMain && effect.role != Role::kStop) {
    const Process* process = init.Find(number, effect.role, effect.incarnation);
    if (process == nullptr || ShutdownMayKill(shutdown_at_, now)) return;
    if (now < foster::After(process->spawned_at, watch.script_time))
      Fail(engine, effect.service, "script killed early");
    return;
  }
  const bool was_told = watch.stopped_incarnation == effect.incarnation;
  if (ShutdownMayKill(was_told ? watch.stopped_at : shutdown_at_, now)) return;
  if (!was_told) Fail(engine, effect.service, "killed without a stop signal");
  const bool is_rest = !init.IsLive(number, Role::kMain, effect.incarnation) && watch.grace == kForever;
  if (!is_rest && now < foster::After(watch.stopped_at, watch.grace))
    Fail(engine, effect.service, "killed before its grace");
}

void Checker::After(const Engine& engine, const FakeInit& init, const Outside& outside,
                    const std::vector<ArmedTimers>& timers) {
  std::vector<bool> is_there(watches_.size(), false);
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id)) continue;
    const std::uint32_t number = NumberOf(engine.spec(id).name);
    is_there[number] = true;
    CheckTimers(engine, id, timers[number]);
    CheckRecord(engine, id, init, outside);
  }
  for (std::uint32_t number = 0; number < is_there.size(); ++number) {
    if (!is_there[number] && init.HasLive(number))
      throw Violation("removed alive: s" + std::to_string(number));
  }
}

void Checker::CheckTimers(const Engine& engine, ServiceId id, const ArmedTimers& timers) const {
  const ServiceRecord& record = engine.record(id);
  for (std::size_t i = 0; i < kTimerKinds; ++i) {
    const bool is_state = static_cast<TimerKind>(i) == TimerKind::kState;
    const MonoTime deadline = is_state ? record.deadline : record.timers[i].deadline;
    const std::uint64_t epoch = is_state ? record.epoch : record.timers[i].epoch;
    if (deadline == kNoDeadline || (timers[i].epoch == epoch && timers[i].deadline == deadline)) continue;
    Fail(engine, id, "its timer " + std::to_string(i) + " is not armed");
  }
}

// Goal up and nothing running: something must be on its way.
void Checker::CheckWaiting(const Engine& engine, ServiceId id, const Outside& outside) const {
  const ServiceRecord& record = engine.record(id);
  const std::uint32_t number = NumberOf(engine.spec(id).name);
  if (record.goal == Goal::kDown) Fail(engine, id, "waits unwanted");
  const bool has_time = TimerOf(record, TimerKind::kSchedule).deadline != kNoDeadline;
  if (record.cause.kind == CauseKind::kSchedule) {
    if (!has_time && !outside.awaits_schedule(number)) Fail(engine, id, "waits for a time that never comes");
  } else if (record.cause.kind == CauseKind::kDemand) {
    if (!outside.awaits_demand(number)) Fail(engine, id, "waits for a connection that nobody watches");
  } else if (engine.ClosedGate(id) == nullptr) {
    Fail(engine, id, "waits for an open gate");
  }
}

void Checker::Move(Millis gap) {
  for (Watch& watch : watches_) watch.stopped_at += gap;
  if (shutdown_at_ != kNoDeadline) shutdown_at_ += gap;
  if (last_moment_ != kNoDeadline) last_moment_ += gap;
}

void Checker::CheckRecord(const Engine& engine, ServiceId id, const FakeInit& init,
                          const Outside& outside) const {
  const ServiceRecord& record = engine.record(id);
  const std::uint32_t number = NumberOf(engine.spec(id).name);
  const bool has_process =
      record.pid != 0 || record.role_pid != 0 || record.spawn_pending || record.lingering;
  const bool has_stop = record.stop_pid != 0 || record.stop_spawn_pending;
  const bool is_wanted = record.goal != Goal::kDown;
  const auto role = record.role == Role::kMain || record.pid == 0 ? record.role : Role::kMain;
  if (has_process && init.Find(number, role, record.incarnation) == nullptr)
    Fail(engine, id, "waits for nobody");
  if (has_stop && init.Find(number, Role::kStop, record.incarnation) == nullptr)
    Fail(engine, id, "waits for a stop command that is not there");
  switch (record.state) {
    case State::kStopped:
      if (is_wanted) Fail(engine, id, "wanted and stopped");
      break;
    case State::kWaiting:
      CheckWaiting(engine, id, outside);
      break;
    case State::kStarting:
    case State::kRunning:
      if (!is_wanted && !engine.shutting_down() && !record.waits_for_dependents)
        Fail(engine, id, "lives unwanted");
      if (record.pid == 0 && !record.spawn_pending && !record.following) Fail(engine, id, "has no process");
      break;
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      if (!has_process && !has_stop) Fail(engine, id, "has no process");
      if (record.state != State::kStopping && !record.spawn_pending && record.deadline == kNoDeadline &&
          (record.state == State::kKilling || watches_[number].script_time != kForever)) {
        Fail(engine, id, "has no timer");
      }
      break;
    case State::kBackoff:
      if (!is_wanted) Fail(engine, id, "backs off unwanted");
      if (record.deadline == kNoDeadline) Fail(engine, id, "has no timer");
      break;
    case State::kExited:
      break;
    case State::kFailed:
      if (is_wanted && record.cause.kind == CauseKind::kDependency && engine.ClosedGate(id) == nullptr) {
        Fail(engine, id, "failed with open gates");
      }
      break;
  }
  const bool is_at_rest = !has_process && !has_stop;
  if (is_at_rest && init.HasLive(number)) Fail(engine, id, "forgot a live process");
}

}  // namespace foster::sim
