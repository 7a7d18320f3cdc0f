// SPDX-License-Identifier: MIT
// A lingering tree gets a new main process: one of its own, which init has inherited (a daemon's). Not: which
// one (supervise knows, from a pid file or MAINPID). Called by channel.cc. Invariants: only a living child of
// init in that very tree is taken, so the pid cannot become another's before init reaps it; asked again, the
// answer is the same.
#pragma once

#include "foster/init_protocol.h"

namespace foster::init {

// True: it is the main process of child `index` from here on.
bool Adopt(int index, int32_t pid, uint64_t start_time);

}  // namespace foster::init
