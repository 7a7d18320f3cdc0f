// SPDX-License-Identifier: MIT
#include <csignal>

#include "apps/apps.h"
#include "cli/s6_svc.h"

namespace foster {

int S6SvcMain(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  cli::Console console = cli::Console::Standard();
  return cli::RunS6Svc("s6-svc", std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), console);
}

}  // namespace foster
