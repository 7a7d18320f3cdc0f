// SPDX-License-Identifier: MIT
#include "tree.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"
#include "state.h"

namespace foster::init {
namespace {

constexpr size_t kMaxProcesses = 32768;
constexpr int kMaxKillRounds = 10;

ProcessInfo processes[kMaxProcesses];
size_t process_count = 0;
int32_t killed_before[kMaxProcesses];
size_t killed_before_count = 0;

// ---- one look at /proc

const ProcessInfo* Find(int32_t pid) {
  size_t low = 0;
  size_t high = process_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (processes[middle].pid < pid)
      low = middle + 1;
    else
      high = middle;
  }
  return low < process_count && processes[low].pid == pid ? &processes[low] : nullptr;
}

// Init, supervise, CMD and the main processes of other services are never part of a child's tree.
bool IsProtected(const ProcessInfo& process, int index) {
  if (process.pid == getpid() || process.pid == state->supervise.pid) return true;
  if (state->command.phase == kCommandRunning && process.pid == state->command.pid) return true;
  int owner = FindPid(process.pid);
  return owner >= 0 && owner != index;
}

bool IsPinned(int index) { return state->pids[index] != 0 || state->children[index].group_pinned != 0; }

void AddDescendants(int index) {
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (size_t i = 0; i < process_count; ++i) {
      ProcessInfo& process = processes[i];
      if (process.is_member || process.parent <= 1 || (index >= 0 && IsProtected(process, index))) continue;
      const ProcessInfo* parent = Find(process.parent);
      if (parent != nullptr && parent->is_member) process.is_member = has_grown = true;
    }
  }
}

void MarkTree(int index) {
  const Child& child = state->children[index];
  char tag[kMaxNameLength + 64];
  TagOf(child.key, tag, sizeof tag);
  process_count = ListProcesses(processes, kMaxProcesses);
  for (size_t i = 0; i < process_count; ++i) {
    ProcessInfo& process = processes[i];
    if (IsProtected(process, index)) continue;
    bool is_in_group = process.group == child.pid || process.session == child.pid || process.pid == child.pid;
    process.is_member = (IsPinned(index) && is_in_group) || HasTag(process.pid, tag);
  }
  AddDescendants(index);
}

// ---- signals

// False: it is gone, or the pid is somebody else's by now.
bool SignalProcess(const ProcessInfo& process, int signal) {
  int fd = static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0));
  if (fd < 0 && errno == ESRCH) return false;
  ProcessInfo now;
  bool is_same = ReadProcess(process.pid, &now) && now.start_time == process.start_time;
  bool is_sent = false;
  if (is_same && fd >= 0) is_sent = syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0) == 0;
  if (is_same && !is_sent) is_sent = kill(process.pid, signal) == 0;  // a kernel without pidfds
  if (fd >= 0) close(fd);
  return is_sent;
}

bool WakesStopped(int signal) {
  return signal == SIGTERM || signal == SIGHUP || signal == SIGINT || signal == SIGQUIT;
}

// How many that had not been signalled in the round before.
size_t SignalMembers(int signal) {
  size_t fresh = 0;
  size_t count = 0;
  static int32_t now_killed[kMaxProcesses];
  for (size_t i = 0; i < process_count; ++i) {
    const ProcessInfo& process = processes[i];
    if (!process.is_member || process.run_state == 'Z' || process.run_state == 'X') continue;
    if (!SignalProcess(process, signal)) continue;
    if (WakesStopped(signal) && process.run_state == 'T') (void)SignalProcess(process, SIGCONT);
    bool is_known = false;
    for (size_t k = 0; k < killed_before_count && !is_known; ++k) is_known = killed_before[k] == process.pid;
    if (!is_known) ++fresh;
    now_killed[count++] = process.pid;
  }
  memcpy(killed_before, now_killed, count * sizeof now_killed[0]);
  killed_before_count = count;
  return fresh;
}

bool SignalGroup(int index, int signal) {
  const Child& child = state->children[index];
  if (state->pids[index] == 0) {
    // Reaped: a child of ours in the group, and nobody of ours with that pid, says that the number is still
    // its.
    siginfo_t info;
    if (child.group_pinned == 0 || FindPid(child.pid) >= 0 ||
        waitid(P_PGID, static_cast<id_t>(child.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
      return false;
  }
  return child.pid > 1 && kill(-child.pid, signal) == 0;
}

void SignalTree(int index, int signal) {
  // The group at once, then whoever is not in it. Before its setsid() a child has no group of its own yet.
  bool has_group = SignalGroup(index, signal);
  if (state->pids[index] != 0 && !has_group) (void)kill(state->children[index].pid, signal);
  if (!IsProcUsable()) return;
  killed_before_count = 0;
  for (int round = 0; round < kMaxKillRounds; ++round) {
    MarkTree(index);
    if (has_group && signal != SIGKILL)  // nobody gets it twice
      for (size_t i = 0; i < process_count; ++i)
        if (processes[i].group == state->children[index].pid) {
          if (processes[i].is_member && processes[i].run_state == 'T' && WakesStopped(signal))
            (void)SignalProcess(processes[i], SIGCONT);
          processes[i].is_member = false;
        }
    // A process may fork while its parent is being killed: look again until nobody new is there.
    if (SignalMembers(signal) == 0 || signal != SIGKILL) break;
  }
}

// ---- what a dead child left

int32_t own_children[kMaxProcesses];
ProcessInfo strays[kMaxProcesses];
size_t stray_count = 0;
bool are_strays_known = false;

bool HasGroupMember(int32_t group) {
  siginfo_t info;
  return waitid(P_PGID, static_cast<id_t>(group), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace

void SignalChild(int index, int signal, uint32_t scope) {
  const Child& child = state->children[index];
  if (signal < 0 || signal > SIGRTMAX) return;
  bool is_alive = state->pids[index] != 0 && child.pid > 1;
  if (!is_alive && child.state != kChildLingering) return;
  if (scope == kScopeTree) {
    SignalTree(index, signal);
  } else if (scope == kScopeGroup) {
    if (!SignalGroup(index, signal) && is_alive) (void)kill(child.pid, signal);
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
  for (size_t i = 0; i < process_count; ++i)
    if (processes[i].is_member && processes[i].run_state != 'Z' && processes[i].run_state != 'X') ++count;
  return count;
}

void SignalDescendants(int signal) {
  killed_before_count = 0;
  for (int round = 0; round < kMaxKillRounds; ++round) {
    process_count = ListProcesses(processes, kMaxProcesses);
    for (size_t i = 0; i < process_count; ++i) processes[i].is_member = processes[i].parent == getpid();
    AddDescendants(-1);
    if (SignalMembers(signal) == 0 || signal != SIGKILL) return;
  }
}

void BeginLingerScan() {
  int count = ListOwnChildren(own_children, kMaxProcesses);
  are_strays_known = count >= 0;
  stray_count = 0;
  for (int i = 0; i < count; ++i) {
    int32_t pid = own_children[i];
    if (pid == state->supervise.pid || FindPid(pid) >= 0) continue;
    if (state->command.phase == kCommandRunning && pid == state->command.pid) continue;
    ProcessInfo* stray = &strays[stray_count];
    if (ReadProcess(pid, stray)) ++stray_count;
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
    if (!is_pinned && !has_tagged && strays[i].run_state != 'Z') has_tagged = HasTag(strays[i].pid, tag);
  }
  child.group_pinned = is_pinned ? 1 : 0;
  return is_pinned || has_tagged;
}

}  // namespace foster::init
