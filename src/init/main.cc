// SPDX-License-Identifier: MIT
// foster-init: PID 1. Reads its flags, takes over the memory of the image before if there is one, and loops.
// What is missing at the start is said in a line and lived with.
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "channel.h"
#include "children.h"
#include "command.h"
#include "fault.h"
#include "loop.h"
#include "options.h"
#include "proc.h"
#include "say.h"
#include "state.h"
#include "stop.h"
#include "supervise.h"
#include "tree_tag.h"

namespace foster::init {
namespace {

constexpr int kManyFds = 65536;  // where close_range() is not there
constexpr int32_t kOwnOomScore = -999;

// Whatever init opens later, 0 to 2 are taken, and nothing that it holds is inherited by accident.
void SetUpFds() {
  for (int fd = 0; fd <= STDERR_FILENO; ++fd)
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) Say("no /dev/null: %s", strerror(errno));
  if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == 0) return;
  for (int fd = 3; fd < kManyFds; ++fd) (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void RaiseLimits() {
  getrlimit(RLIMIT_NOFILE, &state->original.files);
  struct rlimit most = state->original.files;
  most.rlim_cur = most.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &most);
  if (!IsProcUsable() || !ReadNumber(kOomScoreFile, &state->original.oom_score_adj)) return;
  state->original.has_oom_score = WriteNumber(kOomScoreFile, kOwnOomScore) ? 1 : 0;
}

void StartFirst(const sigset_t& mask) {
  state->original.mask = mask;
  state->is_pid1 = getpid() == 1 ? 1 : 0;
  if (state->is_pid1 == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
    Say("cannot become a subreaper: %s; orphans go past init", strerror(errno));
  RaiseLimits();
  BeginTags();
  SetStopBudget();
  WaitForCommand();
  StartSupervise();
}

void Resume() {
  if (state->fault_signal != 0)
    Say("executed itself anew after signal %d (%u times in all); nothing is lost", state->fault_signal,
        state->reexecs);
  ResumeSpawns();
  if (state->supervise.channel >= 0) WatchChannel();
  if (state->supervise.pid == 0 && state->supervise.restart_at == 0) state->supervise.restart_at = 1;
  ResumeRequest();
}

}  // namespace
}  // namespace foster::init

int main(int argc, char** argv) {
  using namespace foster::init;
  Options options = ParseOptions(argc, argv);
  const char* memory = getenv(kStateVariable);
  int inherited = memory != nullptr ? atoi(memory) : -1;
  if (memory == nullptr) {
    if (options.wants_version) return PrintVersion(), 0;
    if (options.wants_help) return PrintHelp(1), 0;
    if (options.unknown != nullptr) Say("unknown flag %s", options.unknown);
    if (options.unknown != nullptr && getpid() != 1) return PrintHelp(2), 2;
  }
  sigset_t mask;
  sigprocmask(SIG_BLOCK, nullptr, &mask);
  BlockSignals();
  CatchFaults(argv);
  SetUpFds();
  SetCommand(options.command);
  CheckProc();
  bool goes_on = OpenState(inherited);
  OpenOwnProgram();
  OpenLoop();
  if (!goes_on && inherited >= 0) Say("the memory of the image before is not whole: starting anew");
  if (goes_on)
    Resume();
  else
    StartFirst(mask);
  ReapAll();
  RunLoop();
}
