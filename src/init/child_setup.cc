// SPDX-License-Identifier: MIT
#include "child_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "isolate.h"
#include "plan_check.h"
#include "proc.h"
#include "state.h"
#include "tree_tag.h"

namespace foster::init {
namespace {

struct Step {
  SpawnStage stage;
  uint32_t flags;                             // run if the plan has one of these; 0: always
  bool (*run)(const ResolvedPlan& resolved);  // false: errno
};

int base_fd = 0;  // everything that must survive the placing of fds lies at or above
int status_fd = -1;

uint32_t SourceCount(const SpawnPlan& plan) { return 3 + plan.fd_count; }

int TargetOf(const SpawnPlan& plan, uint32_t index) {
  return index < 3 ? static_cast<int>(index) : PlanArray<FdSource>(plan, plan.fds)[index - 3].target;
}

bool EnterSession(const ResolvedPlan& resolved) {
  if ((resolved.plan->flags & kSpawnSession) != 0) return setsid() >= 0;
  return setpgid(0, 0) == 0;
}

bool TakeTerminal(const ResolvedPlan& resolved) {
  int terminal = resolved.sources[0];
  if (terminal < 0) {
    errno = ENOTTY;
    return false;
  }
  if ((resolved.plan->flags & kSpawnSession) != 0) return ioctl(terminal, TIOCSCTTY, 0) == 0;
  return tcsetpgrp(terminal, getpid()) == 0;  // SIGTTOU is blocked
}

int lifted[kMaxSources];

// Copies the sources out of the way of all targets; the copies close themselves at the exec.
bool LiftAll(const ResolvedPlan& resolved) {
  for (uint32_t i = 0; i < SourceCount(*resolved.plan); ++i) {
    int source = resolved.sources[i];
    if (source == kSourceClosed) continue;
    if (source == kSourceNull) source = open("/dev/null", O_RDWR | O_CLOEXEC);
    lifted[i] = source < 0 ? -1 : fcntl(source, F_DUPFD_CLOEXEC, base_fd);
    if (lifted[i] < 0) return false;
  }
  return true;
}

bool PlaceRange(const ResolvedPlan& resolved, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; ++i) {
    int target = TargetOf(*resolved.plan, i);
    if (resolved.sources[i] == kSourceClosed)
      close(target);  // EBADF: it is closed
    else if (dup2(lifted[i], target) < 0)
      return false;
  }
  return true;
}

// Sources of the extra fds may be 0, 1 and 2: all are lifted before the first is placed.
bool PlaceStdio(const ResolvedPlan& resolved) { return LiftAll(resolved) && PlaceRange(resolved, 0, 3); }

bool PlaceFds(const ResolvedPlan& resolved) { return PlaceRange(resolved, 3, SourceCount(*resolved.plan)); }

bool EnterCgroup(const ResolvedPlan& resolved) {
  if (resolved.cgroup_directory < 0) return true;
  int file = openat(resolved.cgroup_directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  return file >= 0 && write(file, "0", 1) == 1;
}

bool Isolate(const ResolvedPlan& resolved) { return EnterNamespaces(*resolved.plan); }

bool SetLimits(const ResolvedPlan& resolved) {
  RestoreLimits();
  const auto* limits = PlanArray<RlimitPlan>(*resolved.plan, resolved.plan->rlimits);
  for (uint32_t i = 0; i < resolved.plan->rlimit_count; ++i) {
    struct rlimit limit = {static_cast<rlim_t>(limits[i].soft), static_cast<rlim_t>(limits[i].hard)};
    if (limits[i].resource == RLIMIT_LOCKS) continue;  // the tree tag's
    if (syscall(SYS_prlimit64, 0, limits[i].resource, &limit, nullptr) != 0) return false;
  }
  WearTag(resolved.tree_tag);
  return true;
}

bool SetNice(const ResolvedPlan& resolved) { return setpriority(PRIO_PROCESS, 0, resolved.plan->nice) == 0; }

constexpr int kThisProcess = 1;  // IOPRIO_WHO_PROCESS

bool SetIoPriority(const ResolvedPlan& resolved) {
  return syscall(SYS_ioprio_set, kThisProcess, 0, resolved.plan->io_priority) == 0;
}

bool SetOomScore(const ResolvedPlan& resolved) {
  return WriteNumber(kOomScoreFile, resolved.plan->oom_score_adj);
}

bool SetUmask(const ResolvedPlan& resolved) {
  umask(static_cast<mode_t>(resolved.plan->umask));
  return true;
}

bool ChangeRoot(const ResolvedPlan& resolved) { return EnterRoot(*resolved.plan); }

bool SetGroups(const ResolvedPlan& resolved) {
  const SpawnPlan& plan = *resolved.plan;
  return setgroups(plan.group_count, PlanArray<gid_t>(plan, plan.groups)) == 0;
}

bool SetGid(const ResolvedPlan& resolved) {
  return setresgid(resolved.plan->gid, resolved.plan->gid, resolved.plan->gid) == 0;
}

constexpr uint32_t kChangesCapabilities = kSpawnBoundingSet | kSpawnAmbientSet;

bool SetUid(const ResolvedPlan& resolved) {
  // The capabilities are changed after this step; without this a user other than root had none left to do it.
  if ((resolved.plan->flags & kChangesCapabilities) != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
    return false;
  return setresuid(resolved.plan->uid, resolved.plan->uid, resolved.plan->uid) == 0;
}

bool SetNoNewPrivileges(const ResolvedPlan&) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; }

bool DropBounding(uint64_t kept) {
  for (unsigned long capability = 0; capability < 64; ++capability) {
    if ((kept >> capability & 1) != 0) continue;
    int is_there = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (is_there < 0) break;  // the kernel has no more
    if (is_there == 1 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return false;
  }
  return true;
}

bool RaiseAmbient(uint64_t wanted) {
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return false;
  for (unsigned long capability = 0; capability < 64; ++capability)
    if ((wanted >> capability & 1) != 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0)
      return false;
  return true;
}

bool SetCapabilities(const ResolvedPlan& resolved) {
  const SpawnPlan& plan = *resolved.plan;
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  for (int half = 0; half < 2; ++half) {
    data[half].effective = data[half].permitted;
    if ((plan.flags & kSpawnAmbientSet) != 0)
      data[half].inheritable |= static_cast<uint32_t>(plan.ambient_set >> (32 * half));
  }
  if (syscall(SYS_capset, &header, data) != 0) return false;
  // Ambient first: raising needs the capability, dropping from the bounding set does not take it away.
  if ((plan.flags & kSpawnAmbientSet) != 0 && !RaiseAmbient(plan.ambient_set)) return false;
  return (plan.flags & kSpawnBoundingSet) == 0 || DropBounding(plan.bounding_set);
}

bool ChangeDirectory(const ResolvedPlan& resolved) {
  return chdir(resolved.plan->cwd != 0 ? PlanText(*resolved.plan, resolved.plan->cwd) : "/") == 0;
}

// "LISTEN_PID=" gets the pid that the program will read from getpid().
const char* Completed(const char* text) {
  static char listen_pid[32];
  if (strcmp(text, "LISTEN_PID=") != 0) return text;
  (void)snprintf(listen_pid, sizeof listen_pid, "%s%d", text, getpid());
  return listen_pid;
}

// Offsets become pointers, in memory of the child alone. The tag goes first: it is found in the first page.
char** TextList(const SpawnPlan& plan, uint32_t offset, uint32_t count, const char* tag) {
  void* memory = mmap(nullptr, (static_cast<size_t>(count) + 2) * sizeof(char*), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  auto** list = static_cast<char**>(memory);
  size_t at = 0;
  if (tag != nullptr) list[at++] = const_cast<char*>(tag);
  for (uint32_t i = 0; i < count; ++i) {
    const char* text = PlanText(plan, PlanArray<uint32_t>(plan, offset)[i]);
    if (tag != nullptr && strncmp(text, "FOSTER_SERVICE=", 15) == 0) continue;
    list[at++] = const_cast<char*>(tag != nullptr ? Completed(text) : text);
  }
  return list;
}

bool Execute(const ResolvedPlan& resolved) {
  const SpawnPlan& plan = *resolved.plan;
  char** arguments = TextList(plan, plan.argv, plan.argc, nullptr);
  char** environment = TextList(plan, plan.envp, plan.envc, resolved.tag);
  if (arguments == nullptr || environment == nullptr) return false;
  RestoreSignalMask();
  execve(PlanText(plan, plan.file), arguments, environment);
  return false;
}

constexpr Step kSteps[] = {
    {kStageSession, 0, EnterSession},
    {kStageTerminal, kSpawnTerminal, TakeTerminal},
    {kStageStdio, 0, PlaceStdio},
    {kStageFds, 0, PlaceFds},
    {kStageCgroup, kSpawnCgroup, EnterCgroup},
    {kStageNamespace, kSpawnPrivateTmp | kSpawnPrivatePids, Isolate},
    {kStageRlimit, 0, SetLimits},
    {kStageNice, kSpawnSetNice, SetNice},
    {kStageIoPriority, kSpawnSetIoPriority, SetIoPriority},
    {kStageOomScore, kSpawnSetOomScore, SetOomScore},
    {kStageUmask, kSpawnSetUmask, SetUmask},
    {kStageChroot, 0, ChangeRoot},
    {kStageGroups, kSpawnSetGroups, SetGroups},
    {kStageGid, kSpawnSetGid, SetGid},
    {kStageUid, kSpawnSetUid, SetUid},
    {kStageNoNewPrivs, kSpawnNoNewPrivs, SetNoNewPrivileges},
    {kStageCapabilities, kChangesCapabilities, SetCapabilities},
    {kStageCwd, 0, ChangeDirectory},
    {kStageExec, 0, Execute},
};

// The status pipe and the cgroup directory must not lie where a target is placed.
bool ClearTheWay(ResolvedPlan* resolved) {
  base_fd = 3;
  for (uint32_t i = 0; i < SourceCount(*resolved->plan); ++i)
    if (TargetOf(*resolved->plan, i) >= base_fd) base_fd = TargetOf(*resolved->plan, i) + 1;
  status_fd = fcntl(resolved->status_pipe, F_DUPFD_CLOEXEC, base_fd);
  if (status_fd < 0) return false;
  close(resolved->status_pipe);
  if (resolved->cgroup_directory < 0) return true;
  resolved->cgroup_directory = fcntl(resolved->cgroup_directory, F_DUPFD_CLOEXEC, base_fd);
  return resolved->cgroup_directory >= 0;
}

}  // namespace

void ResetDispositions() {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number <= SIGRTMAX; ++number) (void)sigaction(number, &standard, nullptr);
}

namespace {

// An older kernel, a seccomp filter or the cgroup itself may refuse: then the child enters it by itself.
pid_t BornInCgroup(volatile int32_t* pid, int namespaces, int* cgroup) {
  struct clone_args arguments = {};
  arguments.flags = static_cast<uint64_t>(CLONE_PARENT_SETTID | namespaces) | CLONE_INTO_CGROUP;
  arguments.parent_tid = reinterpret_cast<uintptr_t>(pid);
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<uint64_t>(*cgroup);
  auto child = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
  if (child == 0) *cgroup = -1;
  return child;
}

// fork() says the child's pid as the child sees it; of one in a PID namespace the kernel itself must store
// ours, in the memory that both share.
pid_t ForkInto(volatile int32_t* pid, int namespaces, int* cgroup) {
  if (cgroup != nullptr && *cgroup >= 0) {
    pid_t child = BornInCgroup(pid, namespaces, cgroup);
    if (child >= 0 || errno == EAGAIN || errno == ENOMEM) return child;
  }
  if (namespaces != 0)
    return static_cast<pid_t>(
        syscall(SYS_clone, SIGCHLD | CLONE_PARENT_SETTID | namespaces, nullptr, pid, nullptr, nullptr));
  pid_t child = fork();
  if (child >= 0) *pid = child == 0 ? getpid() : child;
  return child;
}

}  // namespace

pid_t Fork(volatile int32_t* pid, int namespaces, int* cgroup) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  pid_t child = ForkInto(pid, namespaces, cgroup);
  if (child == 0) {
    ResetDispositions();
    return 0;
  }
  int code = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  errno = code;
  return child;
}

void RestoreLimits() {
  (void)setrlimit(RLIMIT_NOFILE, &state->original.files);
  if (state->original.has_oom_score != 0) (void)WriteNumber(kOomScoreFile, state->original.oom_score_adj);
}

void RestoreSignalMask() { sigprocmask(SIG_SETMASK, &state->original.mask, nullptr); }

void SetUpAndExecute(const ResolvedPlan& resolved, volatile uint32_t* stage, volatile int32_t* error) {
  ResolvedPlan own = resolved;
  if (!ClearTheWay(&own)) {
    *error = errno;
    *stage = kStageFds;
    _exit(127);
  }
  for (const Step& step : kSteps) {
    errno = 0;
    bool is_asked = step.flags == 0 || (own.plan->flags & step.flags) != 0;
    if (!is_asked || step.run(own)) continue;
    *error = errno != 0 ? errno : EIO;
    *stage = step.stage;
    _exit(127);
  }
  _exit(127);
}

}  // namespace foster::init
