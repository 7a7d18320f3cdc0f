// SPDX-License-Identifier: MIT
#include "reap.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "spawn.h"
#include "state.h"
#include "supervise.h"
#include "tree.h"

namespace foster::init {
namespace {

int WaitStatus(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return (info.si_status & 0xff) << 8;
  return info.si_status | (info.si_code == CLD_DUMPED ? 0x80 : 0);
}

uint64_t Microseconds(const struct timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1000000 + static_cast<uint64_t>(time.tv_usec);
}

void RecordExit(int index, int status, const struct rusage& usage) {
  Child& child = state->children[index];
  if (child.exec_fd >= 0) FinishSpawn(index);
  child.status = status;
  child.usage = {Microseconds(usage.ru_utime), Microseconds(usage.ru_stime),
                 static_cast<uint64_t>(usage.ru_maxrss)};
  bool has_failed = child.state == kChildSpawning;  // FinishSpawn() made all others live
  child.check_linger = !has_failed && child.key.role == kRoleMain ? 1 : 0;
  child.state = has_failed ? kChildFailed : kChildExited;
  state->tell[index] |= has_failed ? kTellFailed : kTellExited;
  state->pids[index] = 0;
}

void LookAtLingering() {
  bool is_scanned = false;
  for (uint32_t i = 0; i < state->child_top; ++i) {
    Child& child = state->children[i];
    bool is_new = child.state == kChildExited && child.check_linger != 0;
    if (!is_new && child.state != kChildLingering) continue;
    if (!is_scanned) BeginLingerScan();
    is_scanned = true;
    bool is_left = LeavesSomething(static_cast<int>(i));
    child.check_linger = 0;
    if (is_new && is_left) {
      child.state = kChildLingering;
    } else if (!is_new && !is_left) {
      child.state = kChildExited;
      if ((state->tell[i] & kTellExited) == 0) state->tell[i] |= kTellGone;
    }
  }
}

}  // namespace

void ReapAll() {
  for (;;) {
    siginfo_t info = {};
    struct rusage usage = {};
    // Looked at first, recorded, then reaped: a fault in between loses nothing.
    if (syscall(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT, &usage) != 0 || info.si_pid == 0)
      break;
    int status = WaitStatus(info);
    int index = FindPid(info.si_pid);
    if (index >= 0) RecordExit(index, status, usage);
    if (info.si_pid == state->supervise.pid) SuperviseEnded(status);
    if (info.si_pid == state->command.pid) CommandEnded(status);
    if (waitpid(info.si_pid, nullptr, WNOHANG) < 0 && errno == ECHILD) break;
  }
  LookAtLingering();
}

bool HasChildren() {
  siginfo_t info = {};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace foster::init
