// SPDX-License-Identifier: MIT
// ClockGap: whether the machine stood still since the last look: a container that was paused, everything
// stopped by signals, a laptop that slept. Not: what follows (Supervisor::StoodStill). Pure. Called by:
// Supervisor at every turn of the loop. Invariant: a gap is told once, by the first look after it. A machine
// too busy to let us run for that long is taken for one that stood still: nobody else could run either.
#pragma once

#include <optional>

#include "foster/time.h"

namespace foster {

struct ClockReading {
  MonoTime mono{};
  Millis asleep{0};  // CLOCK_BOOTTIME - CLOCK_MONOTONIC: how long the machine slept since it booted
};

struct Gap {
  Millis whole{0};    // for people
  Millis counted{0};  // that part of it which CLOCK_MONOTONIC went on through: what deadlines have lost
};

// Somebody whose deadlines could be missed looks at least this often (Timers).
inline constexpr Millis kTick{1'000};
inline constexpr Millis kLate{1'000};

class ClockGap {
 public:
  explicit ClockGap(const ClockReading& now) : last_(now) {}
  // `was_ticking`: a look was due within kTick of the last one.
  std::optional<Gap> Look(const ClockReading& now, bool was_ticking);

 private:
  ClockReading last_;
};

}  // namespace foster
