// SPDX-License-Identifier: MIT
// Time in which init could not run: a paused container, a stopped init. Not: a machine that sleeps, for the
// monotonic clock, which all deadlines are of, stands still then. Called by the loop. Invariants: while a
// deadline is pending init wakes up every second, otherwise never by itself; a wake-up more than a second
// late moves all pending deadlines on, so that nothing is ended before its grace has been running time.
#pragma once

#include <stdint.h>

namespace foster::init {

// The first pending deadline; 0: none.
int64_t NextDeadline();
// Milliseconds to wait until then, at most a second; -1: for ever.
int WaitTime();
// After the wait, which was asked to last that long, and with 0 before the deadlines are looked at.
void NoteTime(int wait);

}  // namespace foster::init
