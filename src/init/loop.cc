// SPDX-License-Identifier: MIT
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "channel.h"
#include "children.h"
#include "command.h"
#include "fault.h"
#include "gap.h"
#include "say.h"
#include "state.h"
#include "stop.h"
#include "supervise.h"

namespace foster::init {
namespace {

constexpr int kMaxEvents = 64;
constexpr uint32_t kRequestsPerTurn = 64;

enum Source : uint32_t { kSourceSignal, kSourceChannel, kSourceExec };

int poll_fd = -1;
int signal_fd = -1;
uint32_t channel_interest = 0;

uint64_t Tag(Source source, int index) {
  return static_cast<uint64_t>(source) << 32 | static_cast<uint32_t>(index);
}

bool Watch(int fd, uint32_t interest, uint64_t tag) {
  struct epoll_event event = {};
  event.events = interest;
  event.data.u64 = tag;
  return epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

void UpdateChannelInterest() {
  if (state->supervise.channel < 0) return;
  uint32_t interest = (MayRead() ? EPOLLIN : 0u) | (WantsToWrite() ? EPOLLOUT : 0u);
  if (interest == channel_interest) return;
  struct epoll_event event = {};
  event.events = channel_interest = interest;
  event.data.u64 = Tag(kSourceChannel, 0);
  (void)epoll_ctl(poll_fd, EPOLL_CTL_MOD, state->supervise.channel, &event);
}

void RunTimers() {
  int64_t now = Now();
  RunSuperviseTimers(now);
  RunCommandTimers(now);
  RunStopTimers(now);
}

// All but the faults: blocked, and taken one at a time.
sigset_t TakenSignals() {
  sigset_t taken;
  sigfillset(&taken);
  constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
  for (int fault : kFaults) sigdelset(&taken, fault);
  return taken;
}

void HandleSignal(int signal) {
  if (signal == SIGTERM || signal == SIGPWR || signal == SIGRTMIN + 3 || signal == SIGRTMIN + 4)
    return BeginStop(signal);
  switch (signal) {
    case SIGCHLD:
      return ReapAll();
    case SIGINT:
    case SIGQUIT:
      if (!SignalCommand(signal)) BeginStop(signal);
      return;
    case SIGHUP:
    case SIGUSR1:
    case SIGUSR2:
    case SIGWINCH:
      if (!SignalCommand(signal)) state->signals_to_tell |= uint64_t{1} << signal;
      return;
    case SIGPIPE:
    case SIGTTIN:
    case SIGTTOU:
    case SIGTSTP:
    case SIGCONT:
      return;
    default:
      (void)SignalCommand(signal);
  }
}

void TakeSignal() {
  struct signalfd_siginfo info;
  if (read(signal_fd, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return;
  HandleSignal(static_cast<int>(info.ssi_signo));
}

void Handle(uint64_t tag) {
  auto index = static_cast<int>(tag & 0xffffffffu);
  switch (static_cast<Source>(tag >> 32)) {
    case kSourceSignal:
      return TakeSignal();
    case kSourceChannel:
      return ReadChannel(kRequestsPerTurn);
    case kSourceExec:
      if (state->children[index].exec_fd >= 0) FinishSpawn(index);
      return;
  }
}

}  // namespace

void BlockSignals() {
  struct sigaction action = {};
  action.sa_handler = SIG_IGN;
  (void)sigaction(SIGPIPE, &action, nullptr);
  // An ignored SIGCHLD, inherited through exec, would take the exits away from us.
  action.sa_handler = SIG_DFL;
  (void)sigaction(SIGCHLD, &action, nullptr);
  sigset_t taken = TakenSignals();
  sigprocmask(SIG_BLOCK, &taken, nullptr);
}

void OpenLoop() {
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  sigset_t taken = TakenSignals();
  signal_fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  (void)Watch(signal_fd, EPOLLIN, Tag(kSourceSignal, 0));
}

void WatchChannel() {
  channel_interest = 0;
  (void)Watch(state->supervise.channel, 0, Tag(kSourceChannel, 0));
}

bool WatchExecPipe(int index) {
  return Watch(state->children[index].exec_fd, EPOLLIN, Tag(kSourceExec, index));
}

void Unwatch(int fd) { (void)epoll_ctl(poll_fd, EPOLL_CTL_DEL, fd, nullptr); }

void RunLoop() {
  for (;;) {
    ReexecIfAsked();
    NoteTime(0);
    RunTimers();
    FlushChannel();
    UpdateChannelInterest();
    struct epoll_event events[kMaxEvents];
    int wait = WaitTime();
    int count = epoll_wait(poll_fd, events, kMaxEvents, wait);
    NoteTime(wait);
    for (int i = 0; i < count; ++i) Handle(events[i].data.u64);
  }
}

}  // namespace foster::init
