// SPDX-License-Identifier: MIT
// The signals that the container is sent, and what each is for. Not: faults of init (fault.h). Called by the
// loop and main. Invariant: all of them are blocked, and taken one at a time.
#pragma once

#include <signal.h>

namespace foster::init {

sigset_t TakenSignals();
void BlockSignals();  // what was blocked before is kept as the children's mask at the first start
void HandleSignal(int signal);

}  // namespace foster::init
