// SPDX-License-Identifier: MIT
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "say.h"
#include "state.h"

namespace foster::init {
namespace {

constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
constexpr uint32_t kFreeFaults = 20;  // without a delay
constexpr int64_t kCalm = 10 * kSecond;
constexpr int64_t kMaxDelay = 200 * kMillisecond;

alignas(16) char fault_stack[64 * 1024];
char** own_arguments = nullptr;
char path[4096];
char state_setting[64];  // lies in the environment
pid_t own_pid = 0;
volatile sig_atomic_t sent_fault = 0;
volatile sig_atomic_t is_asked = 0;
volatile sig_atomic_t is_nested = 0;

void SetStateVariable(int fd) {
  (void)snprintf(state_setting, sizeof state_setting, "%s=%d", kStateVariable, fd);
}

void Keep(int fd, bool is_kept) {
  if (fd > STDERR_FILENO) (void)fcntl(fd, F_SETFD, is_kept ? 0 : FD_CLOEXEC);
}

void KeepAll(bool is_kept) {
  Keep(state->header.own_fd, is_kept);
  Keep(state->header.program_fd, is_kept);
  Keep(state->supervise.channel, is_kept);
  if (state->current.active != 0)
    for (uint32_t i = 0; i < state->current.fd_count && i < kMaxMessageFds; ++i)
      Keep(state->current.fds[i], is_kept);
  for (uint32_t i = 0; i < state->child_top && i < kMaxChildren; ++i)
    if (state->key_hash[i] != 0) Keep(state->children[i].exec_fd, is_kept);
  for (uint32_t i = 0; i < state->store_top && i < kMaxStoreEntries; ++i)
    if (state->store_hash[i] != 0)
      for (int fd : state->store[i].fds) Keep(fd, is_kept);
}

void Pause(int64_t nanoseconds) {
  struct timespec pause = {0, static_cast<long>(nanoseconds < kMaxDelay ? nanoseconds : kMaxDelay)};
  (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
}

// Returns only if nothing could be executed.
void Reexec(int signal) {
  if (state->header.own_fd < 0) return;
  int64_t now = Now();
  if (signal != 0) {  // many in a short time: slower and slower, but always again
    if (now - state->last_fault_at > kCalm) state->faults = 0;
    state->last_fault_at = now;
    if (++state->faults > kFreeFaults) Pause((state->faults - kFreeFaults) * 4 * kMillisecond);
  }
  state->fault_signal = signal;
  ++state->reexecs;
  KeepAll(true);
  SetStateVariable(state->header.own_fd);
  // An upgrade takes what lies at the path now; after a fault this very image is what surely fits.
  if (signal == 0) execve(path, own_arguments, environ);
  ExecuteProgram(state->header.program_fd, state->header.own_fd);
  if (signal != 0) execve(path, own_arguments, environ);
  KeepAll(false);
  --state->reexecs;
}

[[noreturn]] void RealFault(int signal) {
  for (;;) {
    if (is_nested == 0) {
      is_nested = 1;
      Reexec(signal);
    } else {
      // The memory itself is out of reach: only the bare program is left.
      SetStateVariable(-1);
      execve("/proc/self/exe", own_arguments, environ);
    }
    Pause(kMaxDelay);
    is_nested = 0;
  }
}

void OnFault(int signal, siginfo_t* info, void*) {
  if (getpid() != own_pid) {  // a child before its exec
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    (void)sigaction(signal, &standard, nullptr);
    (void)raise(signal);
    return;
  }
  bool is_own_abort = info->si_code == SI_TKILL && info->si_pid == own_pid;
  if (info->si_code > 0 || is_own_abort) RealFault(signal);
  int code = errno;
  sent_fault = signal;
  (void)kill(own_pid, SIGCHLD);  // blocked, so it stays pending: the loop wakes up, and looks
  errno = code;
}

}  // namespace

void CatchFaults(char** argv) {
  own_arguments = argv;
  own_pid = getpid();
  (void)snprintf(path, sizeof path, "%s", argv[0] != nullptr ? argv[0] : "");
  SetStateVariable(-1);
  if (putenv(state_setting) != 0) Say("no memory for the environment: a fault will lose the children");
  stack_t stack = {};
  stack.ss_sp = fault_stack;
  stack.ss_size = sizeof fault_stack;
  (void)sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_sigaction = OnFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigset_t faults;
  sigemptyset(&faults);
  for (int signal : kFaults) {
    (void)sigaction(signal, &action, nullptr);
    sigaddset(&faults, signal);
  }
  sigprocmask(SIG_UNBLOCK, &faults, nullptr);
}

void OpenOwnProgram() {
  char link[sizeof path];
  ssize_t length = readlink("/proc/self/exe", link, sizeof link - 1);
  int fd = open(length > 0 ? "/proc/self/exe" : path, O_RDONLY | O_CLOEXEC);
  if (length > 0) {
    link[length] = '\0';
    if (char* deleted = strstr(link, " (deleted)"); deleted != nullptr) *deleted = '\0';
    memcpy(path, link, sizeof path);
  }
  if (fd < 0) return;  // then that of the image before is as good
  if (state->header.program_fd >= 0) close(state->header.program_fd);
  state->header.program_fd = fd;
}

const char* ProgramPath() { return path; }

void RequestReexec() { is_asked = 1; }

void ReexecIfAsked() {
  if (sent_fault == 0 && is_asked == 0) return;
  Reexec(sent_fault);
  // It was no real fault, so going on as this image is sound.
  Say("cannot execute init again: %s; going on as before", strerror(errno));
  sent_fault = 0;
  is_asked = 0;
}

void ExecuteProgram(int program, int state_fd) {
  SetStateVariable(state_fd);
  if (program >= 0) syscall(SYS_execveat, program, "", own_arguments, environ, AT_EMPTY_PATH);
}

}  // namespace foster::init
