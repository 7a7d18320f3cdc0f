// SPDX-License-Identifier: MIT
// DANGER: what runs in a child between fork and exec. fork() for init, and the set-up that a spawn plan asks
// for, in the order of SpawnStage. Not: any decision; everything was checked and resolved before the fork.
// Called by spawn, supervise and command. Invariants: a child never runs init's fault handlers; its pid is in
// the shared memory before anything else happens; nothing here uses the heap.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "foster/init_protocol.h"

namespace foster::init {

inline constexpr uint32_t kMaxSources = 3 + kMaxExtraFds;

// fork() with every signal blocked; in the child all dispositions are the default and all signals stay
// blocked until the exec. The pid, as init sees it, is at *pid before either side goes on. `namespaces`:
// CLONE_NEW... that the child is born into. `cgroup`: a directory that it is born into, or nullptr; -1
// afterwards says that it was (to move it later costs the kernel 10 to 30 ms of waiting).
pid_t Fork(volatile int32_t* pid, int namespaces, int* cgroup);

// A sound plan, with the fds of init that its sources mean (-1: /dev/null, -2: closed).
struct ResolvedPlan {
  const SpawnPlan* plan;
  int sources[kMaxSources];
  int cgroup_directory;  // -1: none, or the child is in it
  int status_pipe;
  const char* tag;  // FOSTER_SERVICE=...
  uint64_t tree_tag;
};
inline constexpr int kSourceNull = -1;
inline constexpr int kSourceClosed = -2;

// Never returns; *stage and *error say what failed.
[[noreturn]] void SetUpAndExecute(const ResolvedPlan& resolved, volatile uint32_t* stage,
                                  volatile int32_t* error);

void RestoreLimits();      // of open files, and the oom score: what init changed for itself
void RestoreSignalMask();  // the last step before an exec
void ResetDispositions();

}  // namespace foster::init
