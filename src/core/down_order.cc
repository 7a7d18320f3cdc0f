// SPDX-License-Identifier: MIT
// The ordered `down`: what needs a service goes down with it, and stops first. Goals fall at once; what lives
// waits (waits_for_dependents) until nobody holds it back. Also pins, which are a goal that is held.
#include <algorithm>

#include "core/engine_impl.h"
#include "core/gates.h"
#include "core/mutant.h"

namespace foster {

// What is broken may be part of a circle; foster's own are not stopped for the sake of others.
bool Engine::Impl::GoesDownAlong(const Edge& edge, ServiceId id) const {
  const Node& node = nodes[edge.service];
  const ServiceSpec& spec = Newest(node);
  const bool counts = node.service.exists && spec.broken.empty() && node.service.record.pin != Pin::kUp &&
                      (!spec.internal || Newest(nodes[id]).internal);
  return counts && RequiresLife(spec.gates[edge.gate]);
}

// `id` in front, then all that go down along, breadth first.
void Engine::Impl::CollectDown(ServiceId id) {
  needs.clear();
  needs.push_back(id);
  nodes[id].seen = true;
  for (std::size_t at = 0; at < needs.size(); ++at) {
    for (const Edge& edge : nodes[needs[at]].dependents) {
      Node& node = nodes[edge.service];
      const ServiceRecord& record = node.service.record;
      const bool is_up = record.goal != Goal::kDown || ServiceMachine::HasProcess(record);
      if (node.seen || !is_up || !GoesDownAlong(edge, needs[at])) continue;
      node.seen = true;
      needs.push_back(edge.service);
    }
  }
  for (const ServiceId seen : needs) nodes[seen].seen = false;
}

void Engine::Impl::TakeDown(ServiceId id, Trigger trigger, const Cause& cause, bool alone) {
  const ServiceRecord& record = nodes[id].service.record;
  if (record.pin == Pin::kUp && !record.removing) return;
  if (alone) return Machine(id).Down(trigger, cause);
  CollectDown(id);
  for (const ServiceId down : needs) {
    const Cause along{.kind = CauseKind::kAlong, .other = id};
    Machine(down).HoldBack(trigger, down == id ? cause : along);
  }
  for (std::size_t at = needs.size(); at > 0; --at) Release(needs[at - 1]);
}

// Whether the service of `edge`, on its own way down, must stop before `id` does.
bool Engine::Impl::HoldsBack(const Edge& edge, ServiceId id) const {
  if (edge.service == id || !GoesDownAlong(edge, id)) return false;
  const ServiceRecord& record = nodes[edge.service].service.record;
  switch (record.state) {
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      return true;
    case State::kStarting:
    case State::kRunning:
      return record.goal == Goal::kDown;
    case State::kExited:
      return record.goal == Goal::kDown && record.waits_for_dependents;
    case State::kStopped:
    case State::kWaiting:
    case State::kBackoff:
    case State::kFailed:
      return record.goal == Goal::kDown && ServiceMachine::HasProcess(record);
  }
  return false;
}

void Engine::Impl::Release(ServiceId id) {
  if (id == kNoService || shutting_down) return;
  const Node& node = nodes[id];
  if (!node.service.exists || !node.service.record.waits_for_dependents) return;
  const bool is_held = std::any_of(node.dependents.begin(), node.dependents.end(),
                                   [&](const Edge& edge) { return HoldsBack(edge, id); });
  if (!is_held || FOSTER_MUTANT(kDownOrder)) Machine(id).Release();
}

void Engine::Impl::SetPin(const Event& event) {
  ServiceRecord& record = nodes[event.service].service.record;
  if (record.removing) return;
  record.pin = event.pin;
  Changed(event.service);
  switch (event.pin) {
    case Pin::kNone:
      break;
    case Pin::kDown:
      TakeDown(event.service, Trigger::kPin, {.kind = CauseKind::kPinned}, event.alone);
      break;
    case Pin::kUp:
      BringUp(event);
      break;
  }
}

// Those that nobody else of the set needs first.
std::vector<ServiceId> Engine::Impl::InStopOrder(std::vector<ServiceId> set) const {
  std::vector<ServiceId> order_of_stops;
  while (!set.empty()) {
    const auto is_free = [&](ServiceId id) {
      const std::vector<Edge>& edges = nodes[id].dependents;
      return std::none_of(edges.begin(), edges.end(), [&](const Edge& edge) {
        const bool is_left = std::find(set.begin(), set.end(), edge.service) != set.end();
        return is_left && GoesDownAlong(edge, id);
      });
    };
    auto next = std::find_if(set.rbegin(), set.rend(), is_free);
    if (next == set.rend()) next = set.rbegin();
    order_of_stops.push_back(*next);
    set.erase(std::next(next).base());
  }
  return order_of_stops;
}

std::vector<ServiceId> Engine::DownWith(ServiceId id) const {
  if (!Exists(id) || record(id).pin == Pin::kUp) return {};
  impl_->CollectDown(id);
  return impl_->InStopOrder({impl_->needs.begin() + 1, impl_->needs.end()});
}

}  // namespace foster
