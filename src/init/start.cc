// SPDX-License-Identifier: MIT
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loop.h"
#include "proc.h"
#include "request.h"
#include "say.h"
#include "spawn.h"
#include "state.h"
#include "stop.h"

namespace foster::init {
namespace {

constexpr int kManyFds = 65536;  // where close_range() is not there
constexpr int32_t kOwnOomScore = -999;
constexpr char kOomScore[] = "/proc/self/oom_score_adj";

// Whatever init does later, 0 to 2 are taken, and nothing that it holds is inherited by accident.
void CloseAllOnExec() {
  if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == 0) return;
  for (int fd = 3; fd < kManyFds; ++fd) (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void NoteInheritedFds() {
  for (int fd = 3; fd < 64; ++fd) {
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) state->original.open_fds |= uint64_t{1} << fd;
  }
}

void CloseLeftovers() {
  for (int fd = 3; fd < kManyFds; ++fd)
    if (fd != state->own_fd && fd != state->header.self_fd && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
      close(fd);
}

void FindDirectory(const char* own_name) {
  char path[sizeof state->directory];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  path[length > 0 ? length : 0] = '\0';
  if (length <= 0 && own_name != nullptr) (void)snprintf(path, sizeof path, "%s", own_name);
  char* slash = strrchr(path, '/');
  if (slash == nullptr) return;
  *slash = '\0';
  memcpy(state->directory, path, sizeof path);
}

void RaiseLimits() {
  getrlimit(RLIMIT_NOFILE, &state->original.files);
  struct rlimit most = state->original.files;
  most.rlim_cur = most.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &most);
  int32_t score = 0;
  if (!IsProcUsable() || !ReadNumber(kOomScore, &score)) return;
  state->original.oom_score_adj = score;
  state->original.has_oom_score = WriteNumber(kOomScore, kOwnOomScore) ? 1 : 0;
}

void BecomeReaper() {
  state->is_pid1 = getpid() == 1 ? 1 : 0;
  if (state->is_pid1 == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
    Say("cannot become a subreaper: %s; orphans go past init", strerror(errno));
}

}  // namespace

void OpenStandardFds() {
  for (int fd = 0; fd <= STDERR_FILENO; ++fd)
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) Say("no /dev/null: %s", strerror(errno));
}

void SetUpFirstStart(const sigset_t& mask, const char* own_name, bool has_leftovers) {
  if (has_leftovers)
    CloseLeftovers();
  else
    NoteInheritedFds();
  CloseAllOnExec();
  state->original.mask = mask;
  BecomeReaper();
  FindDirectory(own_name);
  RaiseLimits();
  SetStopBudget();
}

void Resume() {
  CloseAllOnExec();
  state->header.owner = getpid();
  if (state->fault_signal != 0)
    Say("executed itself anew after signal %d (%u times in all); nothing is lost", state->fault_signal,
        state->reexecs);
  ResumeSpawns();
  if (state->supervise.channel >= 0 && state->supervise.is_deaf == 0) WatchChannel();
  if (state->supervise.pid == 0 && state->supervise.restart_at == 0) state->supervise.restart_at = 1;
  ResumeRequest();
}

}  // namespace foster::init
