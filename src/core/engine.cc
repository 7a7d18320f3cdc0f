// SPDX-License-Identifier: MIT
#include "core/engine.h"

#include <algorithm>

#include "core/engine_impl.h"
#include "core/gates.h"
#include "core/mutant.h"

namespace foster {

void IdQueue::Compact() {
  ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(head_));
  head_ = 0;
}

// --- the engine around one machine ---

const ServiceSpec& Engine::Impl::Newest(const Node& node) const {
  return node.service.next ? *node.service.next : *node.service.spec;
}

Verdict Engine::Impl::JudgeGate(const Node& node, std::uint32_t gate) const {
  const Gate& what = Newest(node).gates[gate];
  const ServiceId target = node.targets[gate];
  if (target == kNoService) {
    const bool may_lack = what.strength == GateStrength::kSoft || what.strength == GateStrength::kOrder;
    return may_lack ? Verdict::kOpen : Verdict::kImpossible;
  }
  const Service& dependency = nodes[target].service;
  return Judge(what, *dependency.spec, dependency.record);
}

// A gate that can never open outweighs one that is merely closed.
GatesVerdict Engine::Impl::LookAtGates(ServiceId id) {
  Node& node = nodes[id];
  GatesVerdict result;
  if (FOSTER_MUTANT(kGateNotRechecked) && node.service.record.restarts_since_up != 0) return result;
  for (std::uint32_t i = 0; i < node.targets.size(); ++i) {
    const Verdict verdict = JudgeGate(node, i);
    if (verdict == Verdict::kOpen) continue;
    if (verdict == Verdict::kImpossible || result.verdict == Verdict::kOpen) {
      result = {verdict, node.targets[i]};
      node.blocked_on = i;
    }
    if (verdict == Verdict::kImpossible) break;
  }
  return result;
}

void Engine::Impl::Changed(ServiceId id) {
  Node& node = nodes[id];
  if (!node.changed) {
    node.changed = true;
    changed.push_back(id);
  }
  const bool has_neighbours = !node.dependents.empty() || !node.targets.empty();
  if (!node.dirty && has_neighbours && !shutting_down) {
    node.dirty = true;
    dirty.Push(id);
  }
}

void Engine::Impl::CameToRest(ServiceId id) {
  Node& node = nodes[id];
  if (node.service.next) node.service.spec = std::move(node.service.next);
  if (shutting_down) StoppedInShutdown(id);
  if (!node.service.record.removing) return;
  incarnation_floor = std::max(incarnation_floor, node.service.record.incarnation);
  node.service.exists = false;
  by_name.erase(by_name.find(node.service.spec->name));
}

bool Engine::Impl::TakeSpawnBack(ServiceId id) {
  const ServiceRecord& record = nodes[id].service.record;
  const auto is_it = [&](const Effect& effect) {
    return effect.kind == EffectKind::kSpawn && effect.service == id && effect.role == Role::kMain &&
           effect.incarnation == record.incarnation;
  };
  return std::erase_if(effects, is_it) != 0;
}

// --- gates ---

// Only what a service has come to at the end of a step counts, not what it passes through on its way.
void Engine::Impl::NoteGates(Service& service) {
  service.record.gates_opened |= OpenGates(*service.spec, service.record);
}

// What a change takes away, as far as it goes.
void Engine::Impl::DrainLosses() {
  DrainEndings();
  while (!dirty.empty()) {
    const ServiceId id = dirty.Pop();
    Node& node = nodes[id];
    node.dirty = false;
    for (const Edge& edge : node.dependents) GateLost(id, edge);
    for (const ServiceId target : node.targets) Release(target);
    if (!node.opening) opening.Push(id);
    node.opening = true;
    DrainEndings();
  }
}

// Only then does anything start by what has opened.
void Engine::Impl::DrainOpenings() {
  DrainLosses();
  while (!opening.empty()) {
    const ServiceId id = opening.Pop();
    nodes[id].opening = false;
    for (const Edge& edge : nodes[id].dependents) GateOpened(edge);
    DrainLosses();
  }
}

// What has started, and by that or by what followed has lost a gate, has not been spawned yet. Each round
// leaves one less to look at but for what starts in its place; a circle of them is cut by their number.
void Engine::Impl::DrainGates() {
  DrainOpenings();
  for (std::size_t round = 0; round < nodes.size(); ++round) {
    const auto lost = std::find_if(effects.begin(), effects.end(), [this](const Effect& effect) {
      const bool is_start = effect.kind == EffectKind::kSpawn && effect.role == Role::kMain;
      return is_start && !shutting_down && LookAtGates(effect.service).verdict != Verdict::kOpen;
    });
    if (lost == effects.end()) return;
    Machine(lost->service).StartTakenBack();
    DrainOpenings();
  }
}

// `dependency` changed; `edge` is the gate of another service on it. What had failed because of it waits
// again before anybody starts who would have gone without it.
void Engine::Impl::GateLost(ServiceId dependency, const Edge& edge) {
  const Node& node = nodes[edge.service];
  const ServiceRecord& record = node.service.record;
  if (record.goal == Goal::kDown || !node.service.exists) return;
  const bool is_impossible = JudgeGate(node, edge.gate) == Verdict::kImpossible;
  if (record.state == State::kWaiting) {
    if (is_impossible) Machine(edge.service).OnGateChanged();
  } else if (record.state == State::kFailed && record.cause.kind == CauseKind::kDependency) {
    const bool is_because = record.cause.other == dependency && node.blocked_on == edge.gate;
    if (is_because && !is_impossible) Machine(edge.service).WaitAgain();
  } else {
    CarryAlong(dependency, edge);
  }
}

// Only a gate that its service is known to wait for is worth a look at all of them.
void Engine::Impl::GateOpened(const Edge& edge) {
  const Node& node = nodes[edge.service];
  const ServiceRecord& record = node.service.record;
  const bool waits = record.state == State::kWaiting && record.goal != Goal::kDown && node.service.exists;
  if (!waits || node.blocked_on != edge.gate) return;
  if (JudgeGate(node, edge.gate) == Verdict::kOpen) Machine(edge.service).OnGateChanged();
}

// --- requests and events ---

// Soft: tried, though the gate lets its service go without.
bool Engine::Impl::IsNeed(const Node& node, std::uint32_t gate) const {
  const Gate& what = Newest(node).gates[gate];
  if (!BringsUp(what)) return false;
  const Service& other = nodes[node.targets[gate]].service;
  const bool is_tried = what.strength == GateStrength::kSoft && other.record.goal == Goal::kDown &&
                        Judge(what.kind, *other.spec, other.record) != Verdict::kOpen;
  return is_tried || JudgeGate(node, gate) != Verdict::kOpen;
}

// Everything that the gates of `id` wait for, breadth first, each service once: `needs`, with `id` itself in
// front.
void Engine::Impl::CollectNeeds(ServiceId id) {
  needs.clear();
  needs.push_back(id);
  nodes[id].seen = true;
  for (std::size_t at = 0; at < needs.size(); ++at) {
    const Node& node = nodes[needs[at]];
    for (std::uint32_t i = 0; i < node.targets.size(); ++i) {
      const ServiceId target = node.targets[i];
      if (target == kNoService || nodes[target].seen || !IsNeed(node, i)) continue;
      const ServiceSpec& spec = Newest(nodes[target]);
      if (spec.internal || !spec.broken.empty()) continue;
      nodes[target].seen = true;
      needs.push_back(target);
    }
  }
  for (const ServiceId seen : needs) nodes[seen].seen = false;
}

bool Engine::Impl::NeedsOneSeen(ServiceId id) const {
  const std::vector<ServiceId>& targets = nodes[id].targets;
  return std::any_of(targets.begin(), targets.end(), [&](ServiceId target) {
    return target != kNoService && target != id && nodes[target].seen;
  });
}

// All of them are wanted before the first one moves: an ordering gate asks who else is. Each moves after
// those that it needs itself, and what had failed for want of it waits again, so that nobody is seen failed
// that is just being brought up. A circle of them, which cannot start anyway, is cut anywhere.
void Engine::Impl::RaiseNeeds(ServiceId id) {
  const Cause cause{.kind = CauseKind::kNeeded, .other = id};
  std::erase_if(needs, [&](ServiceId need) {
    const ServiceRecord& record = nodes[need].service.record;
    return need == id || record.goal != Goal::kDown || ServiceMachine::IsHeldDown(record);
  });
  for (const ServiceId need : needs) Machine(need).Want(Goal::kUp);
  for (const ServiceId need : needs) nodes[need].seen = true;
  while (!needs.empty()) {
    const auto next =
        std::find_if(needs.rbegin(), needs.rend(), [&](ServiceId need) { return !NeedsOneSeen(need); });
    const auto at = next == needs.rend() ? needs.end() - 1 : std::next(next).base();
    const ServiceId need = *at;
    needs.erase(at);
    nodes[need].seen = false;
    // One that went up before it may have ended the workload.
    if (nodes[need].service.record.goal != Goal::kDown) Machine(need).Up(Trigger::kUp, Goal::kUp, cause);
    DrainLosses();
  }
}

// What is needed goes up first, so that a dependency that had failed is not held against the service.
void Engine::Impl::BringUp(const Event& event) {
  const ServiceRecord& record = nodes[event.service].service.record;
  const bool is_restart = event.kind == EventKind::kRestart;
  const bool is_up =
      (record.state == State::kStarting || record.state == State::kRunning) && record.goal != Goal::kDown;
  if (record.removing || ServiceMachine::IsHeldDown(record)) return;
  const Cause cause{.kind = CauseKind::kRequest};
  const bool is_once = event.kind == EventKind::kOnce;
  const Goal goal = is_once ? Goal::kOnce : Goal::kUp;
  const Trigger trigger = is_restart ? Trigger::kRestart : is_once ? Trigger::kOnce : Trigger::kUp;
  Machine(event.service).NoteRun(trigger, goal, cause);
  if ((is_restart || !is_up) && Newest(nodes[event.service]).broken.empty()) {
    CollectNeeds(event.service);
    RaiseNeeds(event.service);
  }
  ServiceMachine machine = Machine(event.service);
  is_restart ? machine.Restart(trigger, cause) : machine.Up(trigger, goal, cause);
}

void Engine::Impl::Dispatch(const Event& event) {
  ServiceMachine machine = Machine(event.service);
  switch (event.kind) {
    case EventKind::kUp:
    case EventKind::kOnce:
    case EventKind::kRestart:
      if (!shutting_down) BringUp(event);
      break;
    case EventKind::kDown:
      if (!shutting_down) {
        TakeDown(event.service, Trigger::kDown, {.kind = CauseKind::kRequest}, event.alone);
      }
      break;
    case EventKind::kPin:
      if (!shutting_down) SetPin(event);
      break;
    case EventKind::kNextDue:
      machine.OnNextDue(event);
      break;
    case EventKind::kDemand:
      machine.OnDemand();
      break;
    case EventKind::kSpawned:
      machine.OnSpawned(event);
      break;
    case EventKind::kSpawnFailed:
      machine.OnSpawnFailed(event);
      break;
    case EventKind::kExited:
      machine.OnExited(event);
      break;
    case EventKind::kTreeGone:
      machine.OnTreeGone(event);
      break;
    case EventKind::kReady:
      machine.OnReady(event);
      break;
    case EventKind::kTimer:
      machine.OnTimer(event);
      break;
    case EventKind::kProbeDone:
      machine.OnProbeDone(event);
      break;
    case EventKind::kNotice:
      machine.OnNotice(event);
      break;
    case EventKind::kFollowed:
      machine.OnFollowed(event);
      break;
  }
}

void Engine::Impl::ArmTimers(Node& node) {
  const ServiceRecord& record = node.service.record;
  const ServiceId id = node.service.id;
  const bool had_timer = node.armed_deadline != kNoDeadline;
  const bool is_same = node.armed_epoch == record.epoch && node.armed_deadline == record.deadline;
  if (!is_same && (had_timer || record.deadline != kNoDeadline)) {
    Emit({.kind = EffectKind::kArmTimer, .service = id, .epoch = record.epoch, .deadline = record.deadline});
  }
  node.armed_epoch = record.epoch;
  node.armed_deadline = record.deadline;
  for (std::size_t i = 0; i < kTimerKinds; ++i) {
    const TimerRecord& timer = record.timers[i];
    TimerRecord& armed = node.armed_timers[i];
    const bool is_news = armed.epoch != timer.epoch || armed.deadline != timer.deadline;
    if (is_news && (armed.deadline != kNoDeadline || timer.deadline != kNoDeadline)) {
      Emit({.kind = EffectKind::kArmTimer,
            .service = id,
            .epoch = timer.epoch,
            .deadline = timer.deadline,
            .timer = static_cast<TimerKind>(i)});
    }
    armed = timer;
  }
}

// Whether it looks other than it was shown last; if so it is shown now.
bool Engine::Impl::Show(Node& node) const {
  const ServiceRecord& record = node.service.record;
  const Looks looks{.state = record.state,
                    .goal = record.goal,
                    .incarnation = record.incarnation,
                    .since = record.since,
                    .pid = record.pid,
                    .ready = record.ready,
                    .is_alive = ProbeOf(record, ProbeUse::kLiveness).passes,
                    .reloading = record.reloading,
                    .waits_for_dependents = record.waits_for_dependents,
                    .pin = record.pin,
                    .cause = record.cause,
                    .blocked_on = node.blocked_on,
                    .restarts = record.restarts,
                    .missed = record.missed,
                    .next_due = TimerOf(record, TimerKind::kSchedule).deadline};
  if (node.is_shown && node.shown == looks) return false;
  node.shown = looks;
  node.is_shown = true;
  return true;
}

// What has changed is published, and the timers that the records now want are armed: once per step and
// service.
void Engine::Impl::Flush() {
  for (const ServiceId id : changed) {
    Node& node = nodes[id];
    const ServiceRecord& record = node.service.record;
    node.changed = false;
    if (!node.service.exists) {
      Emit({.kind = EffectKind::kRemoved, .service = id, .incarnation = record.incarnation});
      continue;
    }
    NoteGates(node.service);
    ArmTimers(node);
    Effect effect{.kind = EffectKind::kChanged, .service = id, .incarnation = record.incarnation};
    effect.visible = Show(node);
    Emit(effect);
  }
  changed.clear();
  if (shutting_down && !all_stopped && ordinary_up + internal_up == 0) {
    all_stopped = true;
    Emit({.kind = EffectKind::kAllStopped});
  }
}

// --- the public face ---

Engine::Engine(std::uint64_t seed) : impl_(std::make_unique<Impl>()) { impl_->seed = seed; }
Engine::~Engine() = default;

void Engine::Step(const Event& event, MonoTime now) {
  if (!Exists(event.service)) return;
  impl_->now = now;
  impl_->Dispatch(event);
  impl_->DrainGates();
  impl_->DrainTurns();
  impl_->Flush();
}

bool Engine::shutting_down() const { return impl_->shutting_down; }
std::span<const Effect> Engine::effects() const { return impl_->effects; }
void Engine::ClearEffects() { impl_->effects.clear(); }

ServiceId Engine::Find(std::string_view name) const {
  const auto it = impl_->by_name.find(name);
  return it == impl_->by_name.end() ? kNoService : it->second;
}

std::size_t Engine::capacity() const { return impl_->nodes.size(); }
bool Engine::Exists(ServiceId id) const {
  return id < impl_->nodes.size() && impl_->nodes[id].service.exists;
}
const ServiceRecord& Engine::record(ServiceId id) const { return impl_->nodes[id].service.record; }
const ServiceSpec& Engine::spec(ServiceId id) const { return *impl_->nodes[id].service.spec; }

const Gate* Engine::ClosedGate(ServiceId id) const {
  const Node& node = impl_->nodes[id];
  for (std::uint32_t i = 0; i < node.targets.size(); ++i) {
    if (impl_->JudgeGate(node, i) != Verdict::kOpen) return &impl_->Newest(node).gates[i];
  }
  return nullptr;
}

// What a Waiting service waits for is looked at where that is: a service that waits for one which is down by
// request, or which falls again and again, would otherwise hold the boot for ever.
bool Engine::Settled() const {
  for (const ServiceId id : impl_->order) {
    const Node& node = impl_->nodes[id];
    const ServiceRecord& record = node.service.record;
    if (!node.service.exists || record.goal == Goal::kDown) continue;
    if (record.state == State::kStarting || record.state == State::kBackoff) {
      if (record.restarts_since_up == 0) return false;
    } else if (record.state == State::kWaiting) {
      const ServiceId target =
          node.blocked_on < node.targets.size() ? node.targets[node.blocked_on] : kNoService;
      if (target == kNoService) continue;
      const ServiceRecord& other = impl_->nodes[target].service.record;
      const bool moves = other.state == State::kRunning || other.state == State::kStopping ||
                         other.state == State::kKilling || other.state == State::kFinishing;
      if (moves && other.goal != Goal::kDown) return false;
    }
  }
  return true;
}

}  // namespace foster
