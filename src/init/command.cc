// SPDX-License-Identifier: MIT
#include "command.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child_setup.h"
#include "fault.h"
#include "say.h"
#include "state.h"
#include "stop.h"
#include "supervise.h"
#include "tree_tag.h"

namespace foster::init {
namespace {

char** words = nullptr;

[[noreturn]] void Execute(uint64_t tag) {
  (void)setpgid(0, 0);
  if (isatty(STDIN_FILENO) != 0) (void)tcsetpgrp(STDIN_FILENO, getpid());  // not our terminal: then without
  RestoreLimits();
  WearTag(tag);
  RestoreSignalMask();
  (void)unsetenv(kStateVariable);
  (void)unsetenv(kChannelVariable);
  execvp(words[0], words);
  int error = errno;
  Say("cannot run %s: %s", words[0], strerror(error));
  _exit(error == ENOENT || error == ENOTDIR ? 127 : 126);
}

}  // namespace

void SetCommand(char** command) { words = command; }

void WaitForCommand() {
  if (words == nullptr) return;
  state->command.phase = kCommandWaiting;
  state->command.start_at = Now() + SecondsVariable("FOSTER_COMMAND_WAIT", 10);
}

void StartCommand() {
  CommandState& command = state->command;
  if (command.phase != kCommandWaiting || words == nullptr || state->stop.phase != kStopNone) return;
  command.start_at = 0;
  int before = tcgetpgrp(STDIN_FILENO);
  command.terminal_group = before > 0 ? before : 0;
  command.phase = kCommandRunning;
  uint64_t tag = TakeTag();  // so that an init below it gives other tags than this one
  pid_t pid = Fork(&command.pid, 0, nullptr);
  if (pid == 0) Execute(tag);
  if (pid > 0) {
    (void)setpgid(pid, pid);  // whoever comes first: a signal may be forwarded at once
    return;
  }
  command.phase = kCommandWaiting;
  command.start_at = Now() + kSecond;
  Say("cannot fork for %s: %s; trying again in a second", words[0], strerror(errno));
}

void CommandEnded(int status) {
  CommandState& command = state->command;
  if (command.phase != kCommandRunning) return;
  command.phase = kCommandEnded;
  command.status = status;
  command.tell = 1;
  ReturnTerminal();
  BeginStop(0);
}

void ReturnTerminal() {
  // SIGTTOU is blocked: taking it back from the background is allowed.
  if (state->command.terminal_group > 0) (void)tcsetpgrp(STDIN_FILENO, state->command.terminal_group);
  state->command.terminal_group = 0;
}

void RunCommandTimers(int64_t now) {
  if (state->command.start_at != 0 && now >= state->command.start_at) StartCommand();
}

bool SignalCommand(int signal) {
  const CommandState& command = state->command;
  if (command.phase != kCommandRunning || command.pid <= 1) return false;
  if (kill(-command.pid, signal) != 0) (void)kill(command.pid, signal);
  return true;
}

}  // namespace foster::init
