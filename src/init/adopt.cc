// SPDX-License-Identifier: MIT
#include "adopt.h"

#include <unistd.h>

#include "proc.h"
#include "state.h"
#include "tree.h"

namespace foster::init {
namespace {

// The start time of a living child of init; 0: it is not one, or not the one that was meant.
uint64_t StartOfOwnChild(int32_t pid, uint64_t expected) {
  ProcessInfo info;
  if (pid <= 1 || !ReadProcess(pid, &info) || info.parent != getpid()) return 0;
  if (info.run_state == 'Z' || info.run_state == 'X') return 0;
  return expected == 0 || info.start_time == expected ? info.start_time : 0;
}

}  // namespace

bool Adopt(int index, int32_t pid, uint64_t start_time) {
  Child& child = state->children[index];
  uint64_t start = StartOfOwnChild(pid, start_time);
  if (start == 0 || child.key.role != kRoleMain) return false;
  if (child.state == kChildLive) return child.is_adopted != 0 && child.pid == pid;
  if (child.state != kChildLingering || state->tell[index] != 0 || !IsInTree(index, pid)) return false;
  child.pid = pid;
  child.start_time = start;
  child.status = 0;
  child.usage = {};
  child.group_pinned = 0;
  child.is_adopted = 1;
  child.state = kChildLive;
  state->pids[index] = pid;
  return true;
}

}  // namespace foster::init
