// SPDX-License-Identifier: MIT
// Shutdown: who is told to stop when, and how long it may take. A service's turn comes when all that have a
// gate on it have stopped; foster's own come when everything else has.
#include <algorithm>

#include "core/engine_impl.h"
#include "core/mutant.h"

namespace foster {
namespace {

// SIGKILL goes out this long before the deadline, so that the deaths can still be seen.
constexpr Millis kReserve{500};

}  // namespace

// What is broken never started by its gates, and they may even form a circle.
bool Engine::Impl::IsStopEdge(const Node& from, ServiceId to) const {
  if (to == kNoService || !nodes[to].service.exists) return false;
  const ServiceSpec& spec = Newest(from);
  return spec.broken.empty() && (!spec.internal || Newest(nodes[to]).internal);
}

MonoTime Engine::Impl::StopBefore(ServiceId id) {
  if (last_moment == kNoDeadline || now >= last_moment) return last_moment;
  const Node& node = nodes[id];
  const bool has_services_behind = (internal_up != 0 && !Newest(node).internal) ||
                                   std::any_of(node.targets.begin(), node.targets.end(), [&](ServiceId to) {
                                     return IsStopEdge(node, to) && !HasStopped(to);
                                   });
  return has_services_behind ? now + (last_moment - now) / 2 : last_moment;
}

void Engine::Impl::CountDependents() {
  for (const ServiceId id : order) {
    const Node& node = nodes[id];
    if (!node.service.exists || HasStopped(id)) continue;
    ++(Newest(node).internal ? internal_up : ordinary_up);
    for (const ServiceId to : node.targets) {
      if (IsStopEdge(node, to)) ++nodes[to].dependents_up;
    }
  }
}

void Engine::Impl::QueueTurn(ServiceId id) {
  Node& node = nodes[id];
  const bool is_due = (node.dependents_up == 0 && (ordinary_up == 0 || !Newest(node).internal)) ||
                      FOSTER_MUTANT(kShutdownOrder);
  if (node.told || !is_due || !node.service.exists) return;
  node.told = true;
  turns.Push(id);
}

// Before a removed service leaves: its edges are still there.
void Engine::Impl::StoppedInShutdown(ServiceId id) {
  const Node& node = nodes[id];
  const bool is_internal = Newest(node).internal;
  --(is_internal ? internal_up : ordinary_up);
  for (const ServiceId to : node.targets) {
    if (!IsStopEdge(node, to)) continue;
    --nodes[to].dependents_up;
    QueueTurn(to);
  }
  if (is_internal || ordinary_up != 0) return;
  for (const ServiceId other : order) {
    if (Newest(nodes[other]).internal) QueueTurn(other);
  }
}

void Engine::Impl::DrainTurns() {
  while (!turns.empty()) {
    const ServiceId id = turns.Pop();
    if (!HasStopped(id)) Machine(id).Down(Trigger::kShutdown, {.kind = CauseKind::kShutdown});
  }
}

void Engine::Impl::TightenAll() {
  for (const ServiceId id : order) {
    if (nodes[id].service.exists) Machine(id).Tighten();
  }
}

void Engine::Impl::BeginShutdown() {
  shutting_down = true;
  CountDependents();
  for (const ServiceId id : order) {
    if (!nodes[id].service.exists) continue;
    Machine(id).Unwant();
    Changed(id);
  }
  // What has nothing to stop does not wait for its turn: it must not start any more.
  for (const ServiceId id : order) {
    ServiceMachine machine = Machine(id);
    const bool is_idle = !ServiceMachine::HasProcess(nodes[id].service.record) && !machine.HasDownToRun();
    if (is_idle && nodes[id].service.exists) machine.Down(Trigger::kShutdown, {.kind = CauseKind::kShutdown});
  }
  TightenAll();
  for (auto id = order.rbegin(); id != order.rend(); ++id) QueueTurn(*id);
}

void Engine::Shutdown(MonoTime now, MonoTime deadline) {
  Impl& impl = *impl_;
  impl.now = now;
  const MonoTime moment = deadline == kNoDeadline ? deadline : std::max(now, deadline - kReserve);
  if (impl.shutting_down && moment >= impl.last_moment) return;
  impl.last_moment = moment;
  if (impl.shutting_down) {
    impl.TightenAll();
  } else {
    impl.BeginShutdown();
  }
  impl.DrainTurns();
  impl.Flush();
}

}  // namespace foster
