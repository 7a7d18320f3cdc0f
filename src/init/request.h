// SPDX-License-Identifier: MIT
// What supervise asks for, done. Not: receiving it (channel.h). Called by channel.cc, and at the start for
// the request that a fault has interrupted. Invariants: a request lies in state->current until it is done;
// nothing in it is trusted: names end, fds that nobody took are closed.
#pragma once

namespace foster::init {

void DoCurrentRequest();
void ResumeRequest();

}  // namespace foster::init
