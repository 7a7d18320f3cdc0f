// SPDX-License-Identifier: MIT
// The children: spawned for supervise (plan in, child out), and reaped, owned or stray. Not: when and whether
// again, nor what follows from an exit. Called by channel.cc, the loop, stop.cc and main. Invariants: init
// never waits for a child's set-up; every spawn request ends in kMsgSpawned or kMsgSpawnFailed; a plan is
// copied before it is checked, so nobody can change it afterwards; an exit is in the table before the zombie
// is gone; no pid is signalled after its reap.
#pragma once

#include "foster/init_protocol.h"

namespace foster::init {

// fds[0] is the plan; they stay the caller's. `is_repeated`: a fault came in between the first time.
void Spawn(const ChildKey& key, const int* fds, uint32_t fd_count, bool is_repeated);
// The exec pipe of child `index` has ended.
void FinishSpawn(int index);
// After a re-exec: children that were being forked when it happened.
void ResumeSpawns();

void ReapAll();
bool HasChildren();

}  // namespace foster::init
