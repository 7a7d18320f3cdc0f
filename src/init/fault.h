// SPDX-License-Identifier: MIT
// Faults of init itself, and executing itself anew: the memory, the channel and all held fds stay open, the
// next image goes on. Not: what the next image does (main, resume.cc). Called by main and the loop.
// Invariants: a fault that somebody sent is taken at a safe point of the loop; a real one at once, in the
// handler; it is never given up, only slowed down.
#pragma once

namespace foster::init {

void OpenOwnProgram();
void CatchFaults(char** argv);
// An fd that is readable when a fault signal was sent from outside; -1: none.
int FaultEvent();
void RequestReexec();
// At a safe point of the loop: executes init again if that was asked for.
void ReexecIfAsked();
// The state at `fd` was written by another version: hands it back to the program that wrote it. Returns if
// that fails.
void HandBack(int fd, char** argv);

}  // namespace foster::init
