// SPDX-License-Identifier: MIT
// The two clocks, and how a moment is shown. Not: timers (loop.h). Called by: supervise, logd, client.
// Invariant: decisions use MonoNow() only; WallNow() is for people.
#pragma once

#include <string>

#include "foster/time.h"

namespace foster {

MonoTime MonoNow();
WallNanos WallNow();
// "2026-11-21T08:33:20.123Z"; "" for 0 and less (never).
std::string ToRfc3339(WallNanos wall);

}  // namespace foster
