// SPDX-License-Identifier: MIT
// The loop: signals one at a time and what each is for, the channel, exec pipes, deadlines. Not: faults of
// init (fault.h). Called by main. Invariants: nothing in here blocks but the one wait; it never ends.
#pragma once

namespace foster::init {

void BlockSignals();
void OpenLoop();
[[noreturn]] void RunLoop();

void WatchChannel();
bool WatchExecPipe(int index);
// Before an fd is closed: a child before its exec may hold a copy, which would keep it in the epoll set.
void Unwatch(int fd);

}  // namespace foster::init
