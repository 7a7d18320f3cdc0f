// SPDX-License-Identifier: MIT
#include <csignal>

#include "apps/apps.h"
#include "cli/run.h"

namespace foster {

int SvcMain(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away ends us quietly
  cli::Console console = cli::Console::Standard();
  return cli::RunSvc(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), console);
}

}  // namespace foster
