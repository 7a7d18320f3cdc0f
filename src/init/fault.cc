// SPDX-License-Identifier: MIT
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "environment.h"
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
char program[sizeof InitState::directory + 256];  // the path, for upgrades
int event_fd = -1;
pid_t own_pid = 0;
volatile sig_atomic_t sent_fault = 0;
volatile sig_atomic_t is_asked = 0;
volatile sig_atomic_t depth = 0;

void Keep(int fd, bool is_kept) {
  if (fd > STDERR_FILENO) (void)fcntl(fd, F_SETFD, is_kept ? 0 : FD_CLOEXEC);
}

void KeepAll(bool is_kept) {
  Keep(state->own_fd, is_kept);
  Keep(state->header.self_fd, is_kept);
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

void ExecuteFd(int fd, char* const* environment) {
  if (fd < 0) return;
  syscall(SYS_execveat, fd, "", own_arguments, environment, AT_EMPTY_PATH);
}

// Many faults in a short time: slower and slower, but always again.
void SlowDown() {
  int64_t now = Now();
  if (now - state->last_fault_at > kCalm) state->faults = 0;
  state->last_fault_at = now;
  if (++state->faults <= kFreeFaults) return;
  uint32_t step = state->faults - kFreeFaults;
  int64_t delay = step > 7 ? kMaxDelay : 4 * kMillisecond << step;
  if (delay > kMaxDelay) delay = kMaxDelay;
  struct timespec pause = {0, static_cast<long>(delay)};
  (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
}

// Returns only if nothing could be executed.
void Reexec(bool is_upgrade) {
  if (state->own_fd < 0) return;
  char* const* environment = ReexecEnvironment(state->own_fd);
  KeepAll(true);
  if (is_upgrade) execve(program, own_arguments, environment);
  ExecuteFd(state->header.self_fd, environment);
  execve("/proc/self/exe", own_arguments, environment);
  if (program[0] != '\0') execve(program, own_arguments, environment);
  execve(own_arguments[0], own_arguments, environment);
  KeepAll(false);
}

[[noreturn]] void RealFault(int signal) {
  for (;;) {
    depth = depth + 1;
    if (depth == 1) {
      SlowDown();
      state->fault_signal = signal;
      ++state->reexecs;
      Reexec(false);
    } else if (depth < 8) {
      // The memory itself is out of reach: only the bare program is left.
      execve("/proc/self/exe", own_arguments, ReexecEnvironment(-1));
    }
    struct timespec pause = {0, kMaxDelay};
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
    depth = 0;
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
  uint64_t one = 1;
  if (write(event_fd, &one, sizeof one) < 0) sent_fault = signal;  // it is readable already
  errno = code;
}

}  // namespace

void OpenOwnProgram() {
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  program[length > 0 ? length : 0] = '\0';
  char* deleted = strstr(program, " (deleted)");
  if (deleted != nullptr) *deleted = '\0';
  int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;  // then the fd of the image before is as good
  if (state->header.self_fd >= 0) close(state->header.self_fd);
  state->header.self_fd = fd;
}

void CatchFaults(char** argv) {
  own_arguments = argv;
  own_pid = getpid();
  event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
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

int FaultEvent() { return event_fd; }

void RequestReexec() { is_asked = 1; }

void ReexecIfAsked() {
  if (sent_fault == 0 && is_asked == 0) return;
  bool is_upgrade = sent_fault == 0;
  state->fault_signal = sent_fault;
  ++state->reexecs;
  if (!is_upgrade) SlowDown();
  Reexec(is_upgrade);
  // It was not a fault of ours, so going on as this image is sound.
  Say("cannot execute init again: %s; going on as before", strerror(errno));
  --state->reexecs;
  sent_fault = 0;
  is_asked = 0;
  uint64_t count = 0;
  if (event_fd >= 0 && read(event_fd, &count, sizeof count) < 0) return;  // nothing in it
}

void HandBack(int fd, char** argv) {
  StateHeader header;
  if (!IsForeignState(fd, &header)) return;
  Say("the running init's memory is of version %u, this program's of %u: the old program goes on",
      header.version, kStateVersion);
  own_arguments = argv;
  ExecuteFd(header.self_fd, ReexecEnvironment(fd));
}

}  // namespace foster::init
