// SPDX-License-Identifier: MIT
// The clocks, and how a moment is shown. Not: timers (loop.h). Called by: supervise, logd, client.
// Invariant: decisions use MonoNow() only; WallNow() is for people.
#pragma once

#include <string>

#include "foster/time.h"

namespace foster {

MonoTime MonoNow();
WallNanos WallNow();
// CLOCK_BOOTTIME - CLOCK_MONOTONIC: how long the machine slept since it booted.
Millis AsleepSoFar();
// "2026-11-21T08:33:20.123Z"; "" for 0 and less (never).
std::string ToRfc3339(WallNanos wall);

}  // namespace foster
