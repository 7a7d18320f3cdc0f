// SPDX-License-Identifier: MIT
#include "stop.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "command.h"
#include "proc.h"
#include "say.h"
#include "state.h"
#include "supervise.h"
#include "tree.h"

namespace foster::init {
namespace {

constexpr int64_t kHurried = kSecond;          // after a second TERM
constexpr int64_t kTermAfterFinish = kSecond;  // what is left when the services have ended
constexpr int64_t kTermAfterDeadline = kSecond / 2;
constexpr int64_t kKillLimit = 2 * kSecond;  // a process that the kernel does not let die
constexpr int64_t kLookAgain = 20 * kMillisecond;

void SignalKnown(int signal) {
  for (uint32_t i = 0; i < state->child_top; ++i)
    if (state->pids[i] > 1) SignalChild(static_cast<int>(i), signal, kScopeGroup);
  (void)SignalCommand(signal);
  if (state->supervise.pid > 1) (void)kill(state->supervise.pid, signal);
}

void SignalAll(int signal) {
  if (state->is_pid1 != 0) {
    (void)kill(-1, signal);  // everything in the namespace but init
  } else if (IsProcUsable()) {
    SignalDescendants(signal);
  } else {
    SignalKnown(signal);
  }
}

void EnterTerm(int64_t limit) {
  if (state->stop.phase >= kStopTerm) return;
  state->stop.phase = kStopTerm;
  state->stop.deadline = Now() + limit;
  state->supervise.restart_at = 0;
  SignalAll(SIGTERM);
  SignalAll(SIGCONT);
}

int ExitCode() {
  const CommandState& command = state->command;
  if (command.phase == kCommandEnded)
    return WIFSIGNALED(command.status) ? 128 + WTERMSIG(command.status) : WEXITSTATUS(command.status);
  if (command.phase == kCommandRunning) return 128 + SIGKILL;  // the kernel did not let it die in time
  return state->stop.finish_value;
}

[[noreturn]] void Exit() {
  ReturnTerminal();
  _exit(ExitCode());
}

}  // namespace

void SetStopBudget() { state->stop.budget = SecondsVariable("FOSTER_SHUTDOWN_TIMEOUT", 8); }

void BeginStop(int signal) {
  StopState& stop = state->stop;
  if (signal > 0 && signal < 64) state->signals_to_tell |= uint64_t{1} << signal;
  if (stop.phase == kStopOrdered && signal != 0) {
    if (Now() + kHurried < stop.deadline) stop.deadline = Now() + kHurried;
  } else if (stop.phase == kStopNone) {
    stop.phase = kStopOrdered;
    stop.deadline = Now() + stop.budget;
    state->command.start_at = 0;
    if (SignalCommand(SIGTERM)) (void)SignalCommand(SIGCONT);
  }
}

void ShutdownBegun(uint32_t milliseconds) {
  BeginStop(0);
  if (state->stop.phase == kStopOrdered && milliseconds > 0)
    state->stop.deadline = Now() + static_cast<int64_t>(milliseconds) * kMillisecond;
}

void Finish(int32_t exit_code) {
  BeginStop(0);
  state->stop.finish_value = exit_code & 0xff;
  EnterTerm(kTermAfterFinish);
}

void RunStopTimers(int64_t now) {
  StopState& stop = state->stop;
  if (stop.phase == kStopNone) return;
  // Nobody is there to stop anything in order.
  if (stop.phase == kStopOrdered && !HasSupervise()) EnterTerm(stop.deadline - now);
  if (stop.phase == kStopOrdered && now >= stop.deadline) {
    Say("the stop budget is used up; ending what is left");
    EnterTerm(kTermAfterDeadline);
  }
  if (stop.phase == kStopTerm && now >= stop.deadline) {
    stop.phase = kStopKill;
    stop.deadline = now + kKillLimit;
    SignalAll(SIGKILL);
  }
  if (stop.phase == kStopKill && now >= stop.deadline) Exit();
  EndIfEmpty();
}

void EndIfEmpty() {
  StopState& stop = state->stop;
  stop.look_again = 0;
  if (stop.phase < kStopTerm || HasChildren()) return;
  // In the namespace, but not below us (podman exec): their end sends no SIGCHLD.
  if (state->is_pid1 != 0 && kill(-1, 0) == 0) {
    stop.look_again = Now() + kLookAgain;
    return;
  }
  Exit();
}

}  // namespace foster::init
