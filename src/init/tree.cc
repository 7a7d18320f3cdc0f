// SPDX-License-Identifier: MIT
#include "tree.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "proc.h"
#include "state.h"
#include "tree_tag.h"

namespace foster::init {
namespace {

constexpr size_t kMaxProcesses = 32768;
constexpr int kMaxKillRounds = 10;

// One look at /proc, in order of the pids, and the one before it.
struct Look {
  ProcessInfo list[kMaxProcesses];
  size_t count;
};
Look looks[2];
Look* now = &looks[0];
Look* before = &looks[1];

ProcessInfo* begin(Look& look) { return look.list; }
ProcessInfo* end(Look& look) { return look.list + look.count; }

bool IsMember(Look* look, int32_t pid) {
  const ProcessInfo* found =
      std::lower_bound(begin(*look), end(*look), pid,
                       [](const ProcessInfo& each, int32_t number) { return each.pid < number; });
  return found != end(*look) && found->pid == pid && found->is_member;
}

bool IsDead(const ProcessInfo& process) { return process.run_state == 'Z' || process.run_state == 'X'; }

// Init, supervise, CMD and the main processes of other services are never part of a child's tree.
bool IsProtected(const ProcessInfo& process, int index) {
  if (process.pid == getpid() || process.pid == state->supervise.pid) return true;
  if (state->command.phase == kCommandRunning && process.pid == state->command.pid) return true;
  int owner = FindPid(process.pid);
  return owner >= 0 && owner != index;
}

bool IsPinned(int index) { return state->pids[index] != 0 || state->children[index].group_pinned != 0; }

bool IsRunning(int index) {
  return state->children[index].state == kChildSpawning || state->children[index].state == kChildLive;
}

bool IsOfSameService(int left, int right) {
  const ChildKey& one = state->children[left].key;
  const ChildKey& other = state->children[right].key;
  return one.incarnation == other.incarnation && strncmp(one.name, other.name, kMaxNameLength) == 0;
}

// By what a process carries with it; `tagged`: the child whose tree tag it wears.
bool CarriesTag(const ProcessInfo& process, int index, int tagged, const char* variable) {
  if (tagged == index) return true;
  // A stop command has its service's variable too; when it has ended, what it left is its service's.
  if (tagged >= 0 && (IsRunning(tagged) || !IsOfSameService(tagged, index))) return false;
  return HasTag(process, variable);
}

bool IsInGroup(const ProcessInfo& process, int index) {
  int32_t root = state->children[index].pid;
  return IsPinned(index) && (process.group == root || process.session == root || process.pid == root);
}

// Marks the tree of child `index`; -1: everything below init.
void MarkTree(int index) {
  std::swap(now, before);
  now->count = ListProcesses(now->list, kMaxProcesses);
  char tag[kMaxNameLength + 64];
  if (index >= 0) TagOf(state->children[index].key, tag, sizeof tag);
  for (ProcessInfo& process : *now) {
    if (index < 0) {
      process.is_member = process.parent == getpid();
    } else if (!IsProtected(process, index)) {
      process.is_member =
          IsInGroup(process, index) || CarriesTag(process, index, FindTagged(process.pid), tag);
    }
  }
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (ProcessInfo& process : *now) {
      if (process.is_member || process.parent <= 1 || (index >= 0 && IsProtected(process, index))) continue;
      if (IsMember(now, process.parent)) process.is_member = has_grown = true;
    }
  }
}

// False: it is gone, or the pid is somebody else's by now.
bool SignalProcess(const ProcessInfo& process, int signal) {
  int fd = static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0));
  if (fd < 0 && errno == ESRCH) return false;
  ProcessInfo found;
  bool is_same = ReadProcess(process.pid, &found) && found.start_time == process.start_time;
  bool is_sent = false;
  if (is_same && fd >= 0) is_sent = syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0) == 0;
  if (is_same && !is_sent) is_sent = kill(process.pid, signal) == 0;  // a kernel without pidfds
  if (fd >= 0) close(fd);
  return is_sent;
}

bool WakesStopped(int signal) {
  return signal == SIGTERM || signal == SIGHUP || signal == SIGINT || signal == SIGQUIT;
}

// How many that were not there in the round before. `done_group` has had the signal.
size_t SignalMembers(int signal, int32_t done_group) {
  size_t fresh = 0;
  for (const ProcessInfo& process : *now) {
    if (!process.is_member || IsDead(process)) continue;
    if (process.group != done_group && !SignalProcess(process, signal)) continue;
    if (WakesStopped(signal) && process.run_state == 'T') (void)SignalProcess(process, SIGCONT);
    if (!IsMember(before, process.pid)) ++fresh;
  }
  return fresh;
}

// A process may fork while its parent is being killed: KILL looks again until nobody new is there.
void SignalMarked(int index, int signal, int32_t done_group) {
  now->count = 0;
  for (int round = 0; round < kMaxKillRounds; ++round) {
    MarkTree(index);
    if (SignalMembers(signal, done_group) == 0 || signal != SIGKILL) return;
  }
}

bool HasGroupMember(int32_t group) {
  siginfo_t info;
  return waitid(P_PGID, static_cast<id_t>(group), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

// The group that was signalled; 0: none.
int32_t SignalGroup(int index, int signal) {
  const Child& child = state->children[index];
  // An adopted process may be in a group that is not its own; as long as it is a child of ours it says which.
  if (child.is_adopted != 0 && state->pids[index] != 0) {
    pid_t group = getpgid(child.pid);
    return group > 1 && group != getpgrp() && kill(-group, signal) == 0 ? group : 0;
  }
  // Reaped: a child of ours in the group, and nobody of ours with that pid, says that the number is still
  // its.
  if (state->pids[index] == 0 &&
      (child.group_pinned == 0 || FindPid(child.pid) >= 0 || !HasGroupMember(child.pid)))
    return 0;
  return child.pid > 1 && kill(-child.pid, signal) == 0 ? child.pid : 0;
}

void SignalTree(int index, int signal) {
  int32_t pid = state->children[index].pid;
  // The group at once, then whoever is not in it. Before its setsid() a child has no group of its own yet.
  int32_t group = SignalGroup(index, signal);
  if (state->pids[index] != 0 && group == 0) (void)kill(pid, signal);
  if (IsProcUsable()) SignalMarked(index, signal, group != 0 && signal != SIGKILL ? group : -1);
}

// ---- what a dead child left

int32_t own_children[kMaxProcesses];
ProcessInfo strays[kMaxProcesses];
int stray_tags[kMaxProcesses];  // FindTagged() of each
size_t stray_count = 0;
bool are_strays_known = false;

}  // namespace

void SignalChild(int index, int signal, uint32_t scope) {
  const Child& child = state->children[index];
  if (signal < 0 || signal > SIGRTMAX) return;
  bool is_alive = state->pids[index] != 0 && child.pid > 1;
  if (!is_alive && child.state != kChildLingering) return;
  if (scope == kScopeTree) {
    SignalTree(index, signal);
  } else if (scope == kScopeGroup) {
    if (SignalGroup(index, signal) == 0 && is_alive) (void)kill(child.pid, signal);
  } else if (is_alive) {
    (void)kill(child.pid, signal);
  }
}

uint32_t CountTree(int index) {
  if (!IsProcUsable()) {
    BeginLingerScan();
    return state->pids[index] != 0 || LeavesSomething(index) ? 1 : 0;
  }
  MarkTree(index);
  uint32_t count = 0;
  for (const ProcessInfo& process : *now)
    if (process.is_member && !IsDead(process)) ++count;
  return count;
}

bool IsInTree(int index, int32_t pid) {
  MarkTree(index);
  return IsMember(now, pid);
}

void SignalDescendants(int signal) { SignalMarked(-1, signal, -1); }

void BeginLingerScan() {
  int count = ListOwnChildren(own_children, kMaxProcesses);
  are_strays_known = count >= 0;
  stray_count = 0;
  for (int i = 0; i < count; ++i) {
    int32_t pid = own_children[i];
    if (pid == state->supervise.pid || FindPid(pid) >= 0) continue;
    if (state->command.phase == kCommandRunning && pid == state->command.pid) continue;
    ProcessInfo* stray = &strays[stray_count];
    if (!ReadProcess(pid, stray)) continue;
    stray_tags[stray_count++] = IsDead(*stray) ? -1 : FindTagged(pid);
  }
}

bool LeavesSomething(int index) {
  Child& child = state->children[index];
  bool was_pinned = child.check_linger != 0 || child.group_pinned != 0;
  bool is_pinned = false;
  if (!are_strays_known) {
    is_pinned = was_pinned && HasGroupMember(child.pid);
    child.group_pinned = is_pinned ? 1 : 0;
    return is_pinned;
  }
  char tag[kMaxNameLength + 64];
  TagOf(child.key, tag, sizeof tag);
  bool has_tagged = false;
  for (size_t i = 0; i < stray_count; ++i) {
    if (was_pinned && (strays[i].group == child.pid || strays[i].session == child.pid)) is_pinned = true;
    if (!is_pinned && !has_tagged && !IsDead(strays[i]))
      has_tagged = CarriesTag(strays[i], index, stray_tags[i], tag);
  }
  child.group_pinned = is_pinned ? 1 : 0;
  return is_pinned || has_tagged;
}

}  // namespace foster::init
