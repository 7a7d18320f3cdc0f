// SPDX-License-Identifier: MIT
// MoveTime: the machine stood still. Every deadline and every age that something is judged by moves by the
// gap, so that nobody is late for it; what was being probed is asked again. A schedule follows the wall
// clock, which did not stand still: its timer stays.
#include "core/engine_impl.h"
#include "core/mutant.h"

namespace foster {
namespace {

void Move(MonoTime& point, MonoTime none, Millis gap) {
  if (point != none && !FOSTER_MUTANT(kTimeNotMoved)) point += gap;
}

}  // namespace

void ServiceMachine::MoveTime(Millis gap) {
  if (record_.deadline != kNoDeadline) ++record_.epoch;
  Move(record_.deadline, kNoDeadline, gap);
  for (std::size_t i = 0; i < kTimerKinds; ++i) {
    const auto kind = static_cast<TimerKind>(i);
    const MonoTime deadline = TimerOf(record_, kind).deadline;
    if (kind != TimerKind::kSchedule && deadline != kNoDeadline) SetTimer(kind, deadline + gap);
  }
  Move(record_.since, MonoTime{}, gap);
  Move(record_.running_since, MonoTime{}, gap);
  Move(record_.spawned_at, MonoTime{}, gap);
  for (MonoTime& restart : record_.restart_times) Move(restart, MonoTime{}, gap);
  for (ProbeRecord& line : record_.probes) Move(line.began, MonoTime{}, gap);
  if (ProbeOf(record_, ProbeUse::kReadiness).pending) Ask(ProbeUse::kReadiness);
  if (ProbeOf(record_, ProbeUse::kLiveness).pending) Ask(ProbeUse::kLiveness);
  if (ProbeOf(record_, ProbeUse::kIdle).pending) AskIdle();
  host_.Changed(service_.id);
}

void Engine::MoveTime(Millis gap, MonoTime now) {
  if (gap <= Millis{0}) return;
  Impl& impl = *impl_;
  impl.now = now;
  Move(impl.last_moment, kNoDeadline, gap);
  for (const ServiceId id : impl.order) {
    if (impl.nodes[id].service.exists) impl.Machine(id).MoveTime(gap);
  }
  // No gate has opened or closed by it.
  while (!impl.dirty.empty()) impl.nodes[impl.dirty.Pop()].dirty = false;
  impl.Flush();
}

}  // namespace foster
