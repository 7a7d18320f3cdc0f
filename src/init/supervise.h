// SPDX-License-Identifier: MIT
// The life of supervise: start, death, the next start. Not: what it says (channel.h). Called by the loop, the
// reaper and the channel. Invariants: there is at most one; its death touches nothing else; it is tried again
// for as long as the container is not past its end, with a delay that grows to a second.
#pragma once

#include <stdint.h>

namespace foster::init {

inline constexpr char kChannelVariable[] = "FOSTER_INIT_FD";

void StartSupervise();
void SuperviseEnded(int status);
void SuperviseIsReady();
void SuperviseIsDeaf();  // its end of the channel is closed
void RunSuperviseTimers(int64_t now);
// It runs, or its next start can be hoped for.
bool HasSupervise();

}  // namespace foster::init
