// SPDX-License-Identifier: MIT
// What a service may have as fd 0: a pipe, or a terminal of its own. Not: who holds the ends
// (supervise/stdin_ends.h). Invariants: every fd is close-on-exec; our end never waits; nothing becomes
// foster's own controlling terminal.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace foster {

struct StdinPair {
  UniqueFd service;  // fd 0 of the service
  UniqueFd ours;
};

// At most 64 KiB wait in it.
Result<StdinPair> MakeStdinPipe();
// Without echo: nobody would read it. ^C, ^\ and ^Z are signals to its foreground group.
Result<StdinPair> MakeStdinTerminal();
// What was written to the terminal is thrown away, so that a writer never waits. False: it has ended.
bool DrainTerminal(int master);

}  // namespace foster
