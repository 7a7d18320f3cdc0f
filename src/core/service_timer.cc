// SPDX-License-Identifier: MIT
// The timers of one service: which of them a timer event means, whether it is still wanted, and who takes it.
#include "core/mutant.h"
#include "core/service_machine.h"

namespace foster {

// A new deadline makes the old one's event stale. kState is not set here but by Enter().
void ServiceMachine::SetTimer(TimerKind kind, MonoTime deadline) {
  TimerRecord& timer = TimerOf(record_, kind);
  if (timer.deadline == deadline) return;
  timer.deadline = deadline;
  ++timer.epoch;
  host_.Changed(service_.id);
}

void ServiceMachine::OnTimer(const Event& event) {
  const bool is_of_state = event.timer == TimerKind::kState;
  const TimerRecord timer =
      is_of_state ? TimerRecord{record_.deadline, record_.epoch} : TimerOf(record_, event.timer);
  if (!FOSTER_MUTANT(kStaleTimer)) {
    if (event.epoch != timer.epoch || timer.deadline == kNoDeadline) return;
    if (now_ < timer.deadline) {  // the clock that fired runs ahead of ours: the timer is wanted again
      host_.Emit({.kind = EffectKind::kArmTimer,
                  .service = service_.id,
                  .epoch = timer.epoch,
                  .deadline = timer.deadline,
                  .timer = event.timer});
      return;
    }
  }
  if (!is_of_state) SetTimer(event.timer, kNoDeadline);
  switch (event.timer) {
    case TimerKind::kState:
      return OnStateTimer();
    case TimerKind::kReadiness:
      return OnProbeTimer(ProbeUse::kReadiness);
    case TimerKind::kLiveness:
      return OnProbeTimer(ProbeUse::kLiveness);
    case TimerKind::kWatchdog:
      return OnWatchdog();
    case TimerKind::kSchedule:
      return OnScheduleTimer();
    case TimerKind::kIdle:
      return OnIdleTimer();
  }
}

}  // namespace foster
