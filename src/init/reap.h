// SPDX-License-Identifier: MIT
// The one reaper: every dead child, owned or stray, until there is none. Not: what follows from an exit.
// Called by the loop on SIGCHLD and at the start. Invariants: an exit is in the table before the zombie is
// gone; no pid is signalled after its reap.
#pragma once

namespace foster::init {

void ReapAll();
bool HasChildren();

}  // namespace foster::init
