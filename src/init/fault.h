// SPDX-License-Identifier: MIT
// Faults of init itself, and executing itself anew: the memory, the channel and all held fds stay open, the
// next image goes on. Not: what the next image does (main). Called by main and the loop. Invariants: a fault
// that somebody sent is taken at a safe point of the loop; a real one at once, in the handler; it is never
// given up, only slowed down.
#pragma once

namespace foster::init {

inline constexpr char kStateVariable[] = "FOSTER_INIT_STATE";

void CatchFaults(char** argv);
// Notes what to execute: the file of this image, and its path for an upgrade. Needs the state.
void OpenOwnProgram();
const char* ProgramPath();
void RequestReexec();
// At a safe point of the loop: executes init again if that was asked for.
void ReexecIfAsked();
// Executes the open file `program`, to go on with the memory at `state_fd`. Returns if that fails.
void ExecuteProgram(int program, int state_fd);

}  // namespace foster::init
