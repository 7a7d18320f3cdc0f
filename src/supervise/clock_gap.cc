// SPDX-License-Identifier: MIT
#include "supervise/clock_gap.h"

namespace foster {

std::optional<Gap> ClockGap::Look(const ClockReading& now, bool was_ticking) {
  Millis passed = now.mono - last_.mono;
  Millis slept = now.asleep - last_.asleep;
  last_ = now;
  Gap gap;
  if (was_ticking && passed > kTick + kLate) gap.counted = passed;
  gap.whole = gap.counted + (slept > kLate ? slept : Millis(0));
  if (gap.whole == Millis(0)) return std::nullopt;
  return gap;
}

}  // namespace foster
