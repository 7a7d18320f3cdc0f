// SPDX-License-Identifier: MIT
// The command line of foster-init: flags that set FOSTER_* variables in the environment, then CMD. Not:
// acting on it. Called by main. Invariant: a wrong command line is an error only where init is not PID 1;
// PID 1 always starts.
#pragma once

namespace foster::init {

struct Options {
  char** command;       // CMD and its arguments; null: none
  const char* unknown;  // the first flag that does not exist; null: none
  bool wants_help;
  bool wants_version;
};

Options ParseOptions(int argc, char** argv);
void PrintHelp(int fd);
void PrintVersion();

}  // namespace foster::init
