// SPDX-License-Identifier: MIT
// CMD: the program that runs in the foreground, with the terminal, when the services have settled. Not: a
// service; it is never restarted. Called by the loop, channel.cc, children.cc and stop.cc. Invariants: it is
// started at most once, and never after the end has begun; its exit code is the container's.
#pragma once

#include <stdint.h>

namespace foster::init {

void SetCommand(char** command);  // at every start; the words stay where they are
void WaitForCommand();            // at the first start
void StartCommand();
void CommandEnded(int status);
void RunCommandTimers(int64_t now);
bool SignalCommand(int signal);  // its group; false: it does not run
void ReturnTerminal();

}  // namespace foster::init
