// SPDX-License-Identifier: MIT
// Time as foster counts it: CLOCK_MONOTONIC for every decision, the wall clock only for display.
// Not: a clock (src/sys/clock.h reads them). Called by: every floor. Invariant: kForever means "no limit" and
// is never added to.
#pragma once

#include <chrono>
#include <cstdint>

namespace foster {

using Millis = std::chrono::milliseconds;
// A point on CLOCK_MONOTONIC, ms since boot. Survives a restart of supervise, not of the machine.
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, Millis>;
// Nanoseconds since 1970, for display.
using WallNanos = std::int64_t;

inline constexpr Millis kForever = Millis::max();
inline constexpr MonoTime kNoDeadline = MonoTime::max();

// now + delay, with kForever staying kNoDeadline.
inline MonoTime After(MonoTime now, Millis delay) {
  return delay >= kForever - now.time_since_epoch() ? kNoDeadline : now + delay;
}

}  // namespace foster
