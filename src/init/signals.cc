// SPDX-License-Identifier: MIT
#include "signals.h"

#include "command.h"
#include "state.h"
#include "stop.h"

namespace foster::init {
namespace {

void Forward(int signal) {
  if (!SignalCommand(signal)) state->signals_to_tell |= uint64_t{1} << signal;
}

}  // namespace

sigset_t TakenSignals() {
  sigset_t taken;
  sigfillset(&taken);
  constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
  for (int fault : kFaults) sigdelset(&taken, fault);
  return taken;
}

void BlockSignals() {
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  (void)sigaction(SIGPIPE, &ignore, nullptr);
  // An ignored SIGCHLD, inherited through exec, would take the exits away from us.
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  (void)sigaction(SIGCHLD, &standard, nullptr);
  sigset_t taken = TakenSignals();
  sigprocmask(SIG_BLOCK, &taken, nullptr);
}

void HandleSignal(int signal) {
  if (signal == SIGTERM || signal == SIGPWR || signal == SIGRTMIN + 3 || signal == SIGRTMIN + 4)
    return BeginStop(signal);
  switch (signal) {
    case SIGINT:
    case SIGQUIT:
      if (!SignalCommand(signal)) BeginStop(signal);
      return;
    case SIGHUP:
    case SIGUSR1:
    case SIGUSR2:
    case SIGWINCH:
      return Forward(signal);
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

}  // namespace foster::init
