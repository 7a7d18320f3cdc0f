// SPDX-License-Identifier: MIT
// The end of the container: first in order, by supervise; then TERM to whatever is left; then KILL; then the
// exit code. Not: the order of the services. Called by the loop, channel.cc and command.cc. Invariants: every
// phase has a deadline; init exits as soon as no process is left, and only here.
#pragma once

#include <stdint.h>

namespace foster::init {

void SetStopBudget();
// signal: what the container was sent; 0: CMD has ended. A second one shortens the budget.
void BeginStop(int signal);
void ShutdownBegun(uint32_t milliseconds);
void Finish(int32_t exit_code);
void RunStopTimers(int64_t now);
// Exits if it is time to. After every reap.
void EndIfEmpty();

}  // namespace foster::init
