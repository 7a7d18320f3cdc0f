// SPDX-License-Identifier: MIT
// foster-init: PID 1. Reads its flags, takes over the memory of the image before if there is one, and loops.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "environment.h"
#include "fault.h"
#include "loop.h"
#include "options.h"
#include "proc.h"
#include "reap.h"
#include "request.h"
#include "say.h"
#include "signals.h"
#include "spawn.h"
#include "start.h"
#include "state.h"
#include "stop.h"
#include "supervise.h"

namespace foster::init {
namespace {

int Usage(const char* flag) {
  Say("unknown flag %s; allowed are:", flag);
  PrintFlags();
  (void)dprintf(2, "  --help, --version\n");
  return 2;
}

[[noreturn]] void Live(char** argv, int inherited, const sigset_t& mask) {
  OpenStandardFds();
  HandBack(inherited, argv);
  bool goes_on = OpenState(inherited);
  CheckProc();
  OpenOwnProgram();
  CatchFaults(argv);
  if (goes_on) {
    OpenLoop();
    Resume();
  } else {
    if (inherited >= 0) Say("the memory of the image before is not whole: starting anew");
    SetUpFirstStart(mask, argv[0], inherited >= 0);
    OpenLoop();
    WaitForCommand();
    StartSupervise();
  }
  ReapAll();
  RunLoop();
}

}  // namespace
}  // namespace foster::init

int main(int argc, char** argv) {
  using namespace foster::init;
  Options options = ParseOptions(argc, argv);
  const char* memory = getenv(kStateVariable);
  if (memory == nullptr) {
    if (options.wants_version) return PrintVersion(), 0;
    if (options.wants_help) return PrintHelp(), 0;
    if (options.unknown != nullptr && getpid() != 1) return Usage(options.unknown);
    if (options.unknown != nullptr) Say("unknown flag %s is ignored", options.unknown);
  }
  sigset_t mask;
  sigprocmask(SIG_BLOCK, nullptr, &mask);
  BlockSignals();
  if (!PrepareEnvironment(environ, options.settings)) Say("no memory for the environment: it is empty");
  SetCommand(options.command);
  Live(argv, memory != nullptr ? atoi(memory) : -1, mask);
}
