// SPDX-License-Identifier: MIT
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "child_setup.h"
#include "fault.h"
#include "loop.h"
#include "say.h"
#include "state.h"

namespace foster::init {
namespace {

constexpr int64_t kDelays[] = {0, 10, 50, 200, 500, 1000};
constexpr uint32_t kLastDelay = sizeof kDelays / sizeof kDelays[0] - 1;
constexpr int64_t kDeathSpan = 60 * kSecond;
constexpr int kChannelFd = 3;  // in supervise

void StartLater() {
  SuperviseState& supervise = state->supervise;
  supervise.restart_at = Now() + kDelays[supervise.delay_step] * kMillisecond + 1;
  if (supervise.delay_step < kLastDelay) ++supervise.delay_step;
}

void SayOnce(const char* what, int error) {
  if (state->supervise.said_failure != 0) return;
  state->supervise.said_failure = 1;
  Say("cannot start foster supervise: %s: %s; trying again every second", what, strerror(error));
}

void TryProgram(const char* path, int* error) {
  char supervise_word[] = "supervise";
  char safe_word[] = "--safe";
  char name[] = "foster";
  char* arguments[] = {name, supervise_word, state->supervise.safe != 0 ? safe_word : nullptr, nullptr};
  execvp(path, arguments);
  if (*error == 0 || *error == ENOENT) *error = errno;  // the first that is more than "not there" is told
}

[[noreturn]] void Execute(int channel) {
  int error = 0;
  setsid();
  RestoreLimits();
  RestoreSignalMask();
  if (channel == kChannelFd ? fcntl(channel, F_SETFD, 0) < 0 : dup2(channel, kChannelFd) < 0) error = errno;
  (void)unsetenv(kStateVariable);
  if (setenv(kChannelVariable, "3", 1) != 0) error = errno;
  char beside[4096 + 16];
  const char* own = ProgramPath();
  const char* slash = strrchr(own, '/');
  auto length = slash != nullptr ? static_cast<int>(slash - own) : 0;
  (void)snprintf(beside, sizeof beside, "%.*s/foster", length, own);
  TryProgram(beside, &error);
  if (const char* chosen = getenv("FOSTER_BIN"); chosen != nullptr) TryProgram(chosen, &error);
  TryProgram("foster", &error);
  state->supervise.exec_error = error;
  _exit(127);
}

// Five deaths within the span: the next start is a safe one, and the count begins anew.
bool CountDeath() {
  SuperviseState& supervise = state->supervise;
  int64_t now = Now();
  supervise.deaths[supervise.death_count % kDeathsRemembered] = now;
  ++supervise.death_count;
  // The slot that comes next holds the oldest of the last five.
  int64_t oldest = supervise.deaths[supervise.death_count % kDeathsRemembered];
  if (supervise.death_count < kDeathsRemembered || now - oldest > kDeathSpan) return false;
  supervise.death_count = 0;
  return true;
}

void CloseChannel() {
  SuperviseState& supervise = state->supervise;
  if (supervise.channel < 0) return;
  Unwatch(supervise.channel);
  close(supervise.channel);
  supervise.channel = -1;
  state->reply_pending = 0;
}

void SayEnd(int status) {
  if (WIFSIGNALED(status))
    Say("supervise was ended by signal %d; the services run on, it is started again", WTERMSIG(status));
  else
    Say("supervise exited with %d; the services run on, it is started again", WEXITSTATUS(status));
}

}  // namespace

void StartSupervise() {
  SuperviseState& supervise = state->supervise;
  supervise.restart_at = 0;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    SayOnce("no socket pair", errno);
    return StartLater();
  }
  supervise.channel = ends[0];
  supervise.snapshot = 0;
  supervise.ready_at = 0;
  supervise.exec_error = 0;
  pid_t pid = Fork(&supervise.pid, 0, nullptr);
  if (pid == 0) Execute(ends[1]);
  int code = errno;
  close(ends[1]);
  if (pid < 0) {
    SayOnce("no process", code);
    CloseChannel();
    return StartLater();
  }
  WatchChannel();
}

void SuperviseEnded(int status) {
  SuperviseState& supervise = state->supervise;
  supervise.pid = 0;
  if (supervise.exec_error == 0) ReadChannel(0);
  CloseChannel();
  supervise.kill_at = 0;
  if (state->stop.phase >= kStopTerm) return;
  if (supervise.exec_error != 0) {
    SayOnce("foster beside foster-init, in $FOSTER_BIN or in PATH", supervise.exec_error);
    supervise.delay_step = kLastDelay;
  } else {
    SayEnd(status);
    // Who kills a supervise that works says nothing about what it works on; every other end may come again.
    bool is_from_outside = supervise.ready_at != 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    bool has_worked = supervise.ready_at != 0 && Now() - supervise.ready_at > kSecond;
    if (is_from_outside || has_worked) supervise.delay_step = 0;
    supervise.safe = !is_from_outside && CountDeath() ? 1 : 0;
    if (supervise.safe != 0) Say("five deaths of supervise in a minute: this time with the seeds only");
  }
  StartLater();
}

void SuperviseIsReady() {
  state->supervise.ready_at = Now();
  state->supervise.said_failure = 0;
}

void SuperviseIsDeaf() {
  CloseChannel();
  state->supervise.kill_at = Now() + kSecond;  // normally its death is on its way
}

void RunSuperviseTimers(int64_t now) {
  SuperviseState& supervise = state->supervise;
  if (supervise.kill_at != 0 && now >= supervise.kill_at) {
    supervise.kill_at = 0;
    if (supervise.pid > 1) (void)kill(supervise.pid, SIGKILL);
  }
  if (supervise.restart_at == 0 || now < supervise.restart_at) return;
  supervise.restart_at = 0;
  if (supervise.pid == 0 && state->stop.phase < kStopTerm) StartSupervise();
}

bool HasSupervise() { return state->supervise.exec_error == 0; }

}  // namespace foster::init
