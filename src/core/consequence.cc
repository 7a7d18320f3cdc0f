// SPDX-License-Identifier: MIT
// What the end of one service does to others, beyond the gates: its workload goes down, or the container
// ends. What cannot be run at all (ServiceSpec::broken) has not ended.
#include "core/engine_impl.h"
#include "core/gates.h"

namespace foster {
namespace {

bool HasFailed(const ServiceSpec& spec, const ServiceRecord& record) {
  return record.state == State::kFailed || !record.has_exited || !IsSuccess(spec, record.last_exit);
}

bool Leads(const ServiceSpec& spec, const ServiceRecord& record, Consequence to) {
  return spec.when_ended == to || (spec.when_failed == to && HasFailed(spec, record));
}

}  // namespace

void Engine::Impl::EndContainer(ServiceId id) {
  const Service& service = nodes[id].service;
  if (shutting_down || service.record.cause.kind == CauseKind::kBroken) return;
  if (!Leads(*service.spec, service.record, Consequence::kEndContainer)) return;
  Emit({.kind = EffectKind::kEndContainer,
        .service = id,
        .incarnation = service.record.incarnation,
        .status = service.record.last_exit});
}

void Engine::Impl::HasEnded(ServiceId id) {
  const Service& service = nodes[id].service;
  const bool is_end = service.record.state == State::kExited || service.record.state == State::kFailed;
  if (shutting_down || !is_end || service.record.cause.kind == CauseKind::kBroken) return;
  EndContainer(id);
  if (Leads(*service.spec, service.record, Consequence::kEndWorkload)) EndWorkload(id);
}

// Not at once: the machine that asks for it is in the middle of its own change.
void Engine::Impl::EndWorkload(ServiceId id) {
  if (nodes[id].ends_workload || shutting_down) return;
  nodes[id].ends_workload = true;
  endings.Push(id);
}

void Engine::Impl::DrainEndings() {
  while (!endings.empty()) {
    const ServiceId id = endings.Pop();
    nodes[id].ends_workload = false;
    if (nodes[id].service.exists && !shutting_down) EndAround(id);
  }
}

// The one that has ended shows how, unless it has something to undo.
void Engine::Impl::EndAround(ServiceId id) {
  const Cause cause{.kind = CauseKind::kWorkloadEnded, .other = id};
  const std::string& workload = Newest(nodes[id]).workload;
  const auto is_meant = [&](ServiceId other) {
    const ServiceSpec& spec = Newest(nodes[other]);
    return nodes[other].service.exists && spec.workload == workload && !spec.internal &&
           nodes[other].service.record.pin != Pin::kUp;
  };
  for (const ServiceId other : order) {
    if (!is_meant(other)) continue;
    const State state = nodes[other].service.record.state;
    const bool has_ended = state == State::kExited || state == State::kFailed;
    if (other == id && has_ended && !Machine(id).HasDownToRun()) {
      Machine(id).Unwant();
    } else {
      Machine(other).HoldBack(Trigger::kDown, cause);
    }
  }
  for (const ServiceId other : order) Release(other);
}

}  // namespace foster
