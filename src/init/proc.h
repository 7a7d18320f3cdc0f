// SPDX-License-Identifier: MIT
// What /proc says about processes. Not: which of them belong together (tree.h). Used by spawn, reap and tree.
// Invariants: answers "unknown" where there is no /proc, or one of another PID namespace; reads into fixed
// buffers.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "foster/init_protocol.h"

namespace foster::init {

struct ProcessInfo {
  int32_t pid;
  int32_t parent;
  int32_t group;
  int32_t session;
  uint64_t start_time;
  char run_state;   // R S D T Z ...
  bool has_memory;  // no kernel thread, and not dead
  bool is_member;   // for tree.cc
};

void CheckProc();  // once at the start; says so if there is none
bool IsProcUsable();
bool ReadProcess(int32_t pid, ProcessInfo* info);
// "NAME/INCARNATION" of FOSTER_SERVICE, as init gave it to the key's process.
void TagOf(const ChildKey& key, char* tag, size_t size);
// Whether the process has FOSTER_SERVICE=tag in the environment it was started with.
bool HasTag(const ProcessInfo& process, const char* tag);
// The hard limit of file locks; false: unknown.
bool ReadLocksLimit(int32_t pid, uint64_t* limit);
// All processes, in order of their pids.
size_t ListProcesses(ProcessInfo* list, size_t room);
// Children of init, dead ones included; -1: unknown.
int ListOwnChildren(int32_t* list, size_t room);

inline constexpr char kOomScoreFile[] = "/proc/self/oom_score_adj";
bool ReadNumber(const char* path, int32_t* value);
bool WriteNumber(const char* path, int32_t value);

}  // namespace foster::init
