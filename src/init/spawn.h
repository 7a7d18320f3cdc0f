// SPDX-License-Identifier: MIT
// Spawning what supervise asks for: plan in, child out. Not: when and whether again. Called by request.cc and
// the loop. Invariants: init never waits for a child's set-up; every spawn request ends in kMsgSpawned or
// kMsgSpawnFailed; a plan is copied before it is checked, so nobody can change it afterwards.
#pragma once

#include "foster/init_protocol.h"

namespace foster::init {

// fds[0] is the plan; they stay the caller's. `is_repeated`: a fault came in between the first time.
void Spawn(const ChildKey& key, const int* fds, uint32_t fd_count, bool is_repeated);
// The exec pipe of child `index` has ended.
void FinishSpawn(int index);
// After a re-exec: children that were being forked when it happened.
void ResumeSpawns();

}  // namespace foster::init
