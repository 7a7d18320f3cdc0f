// SPDX-License-Identifier: MIT
// The TUI: `svc tui`. A full screen of services with the log of the selected one. Not: a keeper of anything;
// it is a client of the control socket like any other. Called by: cli. Invariant: the terminal is left as it
// was found, however it ends (SIGKILL excepted).
#pragma once

#include <string>

namespace foster {

struct TuiOptions {
  std::string socket;  // "" = the default one
  bool colour = true;
  bool mouse = true;
};

// Runs until the user quits. An exit code (foster/exit_code.h): 2 when there is no terminal, 6 when no foster
// answers at the start, 128 + N when signal N ended it. Errors go to stderr.
int RunTui(const TuiOptions& options);

}  // namespace foster
