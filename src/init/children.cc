// SPDX-License-Identifier: MIT
#include "children.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "child_setup.h"
#include "command.h"
#include "isolate.h"
#include "loop.h"
#include "plan_check.h"
#include "proc.h"
#include "state.h"
#include "store.h"
#include "supervise.h"
#include "tree.h"
#include "tree_tag.h"

namespace foster::init {
namespace {

alignas(4096) char plan_bytes[kMaxSpawnPlanBytes];

// The size of the plan in plan_bytes; 0: not readable or too large. Read, not mapped: a file that shrinks
// under a mapping would be a SIGBUS in PID 1.
size_t CopyPlan(int fd) {
  struct stat file;
  if (fstat(fd, &file) != 0 || file.st_size <= 0 || file.st_size > static_cast<off_t>(kMaxSpawnPlanBytes))
    return 0;
  size_t used = 0;
  auto size = static_cast<size_t>(file.st_size);
  while (used < size) {
    ssize_t got = pread(fd, plan_bytes + used, size - used, static_cast<off_t>(used));
    if (got <= 0) return 0;
    used += static_cast<size_t>(got);
  }
  return used;
}

void Fail(int index, SpawnStage stage, int error) {
  Child& child = state->children[index];
  child.stage = stage;
  child.error = error;
  state->pids[index] = 0;
  child.state = kChildFailed;
  state->tell[index] |= kTellFailed;
}

int FdOf(const SpawnPlan& plan, const FdSource& source, const int* message_fds) {
  switch (source.kind) {
    case kFdInherit:
      return static_cast<int>(source.value);
    case kFdMessage:
      return message_fds[source.value];
    case kFdStore:
      return StoredFd(PlanText(plan, source.name), source.value);
    case kFdClosed:
      return kSourceClosed;
    default:
      return kSourceNull;
  }
}

// kStageNone, or the stage for which an entry of the fd store is missing.
SpawnStage Resolve(const SpawnPlan& plan, const int* message_fds, ResolvedPlan* resolved) {
  resolved->plan = &plan;
  resolved->cgroup_directory = (plan.flags & kSpawnCgroup) != 0 ? message_fds[plan.cgroup_fd] : -1;
  for (uint32_t i = 0; i < 3 + plan.fd_count; ++i) {
    const FdSource& source = i < 3 ? plan.stdio[i] : PlanArray<FdSource>(plan, plan.fds)[i - 3];
    resolved->sources[i] = FdOf(plan, source, message_fds);
    if (source.kind == kFdStore && resolved->sources[i] < 0) return i < 3 ? kStageStdio : kStageFds;
  }
  return kStageNone;
}

void ForkInto(int index, ResolvedPlan* resolved) {
  Child& child = state->children[index];
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Fail(index, kStageFork, errno);
  child.exec_fd = ends[0];
  resolved->status_pipe = ends[1];
  int namespaces = NamespacesOf(*resolved->plan);
  pid_t pid = Fork(&child.pid, namespaces, &resolved->cgroup_directory);
  if (pid == 0) {
    state->pids[index] = child.pid;
    SetUpAndExecute(*resolved, &child.stage, &child.error);
  }
  int code = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    child.exec_fd = -1;
    bool is_full = code == EAGAIN || code == ENOMEM;
    return Fail(index, namespaces != 0 && !is_full ? kStageNamespace : kStageFork, code);
  }
  state->pids[index] = pid;
  // No room in epoll: then the exec counts as done, and a failure shows at the reap.
  if (!WatchExecPipe(index)) FinishSpawn(index);
}

// ---- the reaper

int WaitStatus(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return (info.si_status & 0xff) << 8;
  return info.si_status | (info.si_code == CLD_DUMPED ? 0x80 : 0);
}

uint64_t Microseconds(const struct timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1000000 + static_cast<uint64_t>(time.tv_usec);
}

// Whose processes are looked for after its end: a service's, and what a probe started.
bool HasTree(uint32_t role) { return role == kRoleMain || (role >= kRoleReadiness && role <= kRoleCheck); }

void RecordExit(int index, int status, const struct rusage& usage) {
  Child& child = state->children[index];
  if (child.exec_fd >= 0) FinishSpawn(index);
  child.status = status;
  child.usage = {Microseconds(usage.ru_utime), Microseconds(usage.ru_stime),
                 static_cast<uint64_t>(usage.ru_maxrss)};
  bool has_failed = child.state == kChildSpawning;  // FinishSpawn() made all others live
  child.check_linger = !has_failed && HasTree(child.key.role) ? 1 : 0;
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

void Spawn(const ChildKey& key, const int* fds, uint32_t fd_count, bool is_repeated) {
  if (is_repeated && FindChild(key) >= 0) return;  // it was far enough the first time
  if (FindLive(key) >= 0 || FindChild(key) >= 0) return ReplySpawnFailed(key, kStageDuplicate, EEXIST);
  int index = TakeSlot(key);
  if (index < 0) return ReplySpawnFailed(key, kStageTableFull, ENOSPC);
  if (fd_count == 0) return Fail(index, kStageFds, EMFILE);  // the kernel had no room for them here
  if (!IsSoundPlan(plan_bytes, CopyPlan(fds[0]), fd_count - 1)) return Fail(index, kStagePlan, EINVAL);
  char tag[kMaxNameLength + 64] = "FOSTER_SERVICE=";
  TagOf(key, tag + 15, sizeof tag - 15);
  ResolvedPlan resolved = {};
  resolved.tag = tag;
  resolved.tree_tag = state->tree_tags[index] = TakeTag();
  SpawnStage missing = Resolve(*reinterpret_cast<const SpawnPlan*>(plan_bytes), fds + 1, &resolved);
  if (missing != kStageNone) return Fail(index, missing, ENOENT);
  ForkInto(index, &resolved);
}

void FinishSpawn(int index) {
  Child& child = state->children[index];
  if (child.exec_fd >= 0) {
    Unwatch(child.exec_fd);
    close(child.exec_fd);
    child.exec_fd = -1;
  }
  // With a stage in it the child ends by itself; the reap makes it a failed spawn.
  if (child.state != kChildSpawning || child.stage != kStageNone) return;
  ProcessInfo info;
  child.start_time = ReadProcess(child.pid, &info) ? info.start_time : 0;
  child.state = kChildLive;
  state->tell[index] |= kTellSpawned;
}

void ResumeSpawns() {
  for (uint32_t i = 0; i < state->child_top; ++i) {
    Child& child = state->children[i];
    if (child.state != kChildSpawning) continue;
    auto index = static_cast<int>(i);
    if (child.pid == 0) {
      if (child.exec_fd >= 0) close(child.exec_fd);
      child.exec_fd = -1;
      Fail(index, kStageFork, EINTR);
    } else {
      state->pids[i] = child.pid;
      if (child.exec_fd < 0 || !WatchExecPipe(index)) FinishSpawn(index);
    }
  }
}

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
