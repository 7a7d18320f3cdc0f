// SPDX-License-Identifier: MIT
// foster probe: LOOKS. The fds are those of wire/probe_codec.h. It ends without its threads: one may stand
// still for ever.
#include <unistd.h>

#include <cstdio>

#include "apps/apps.h"
#include "foster/exit_code.h"
#include "prober/prober.h"

namespace foster {

int ProbeMain(int argc, char** argv) {
  if (argc > 1) {
    std::fprintf(stderr, "foster probe: unknown argument: %s\n", argv[1]);
    return kExitUsage;
  }
  const Result<void> result = RunProber({});
  if (!result.ok()) std::fprintf(stderr, "foster probe: %s\n", result.error().message().c_str());
  std::fflush(stderr);
  _exit(result.ok() ? kExitOk : kExitFailed);
}

}  // namespace foster
