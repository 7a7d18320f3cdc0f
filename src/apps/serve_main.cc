// SPDX-License-Identifier: MIT
// foster serve WORKLOAD: one workload's gateway. Started by supervise with its workload; by hand for a look.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "apps/apps.h"
#include "foster/exit_code.h"
#include "gateway/gateway.h"

namespace foster {

int ServeMain(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '-') {
    bool wants_help = argc == 2 && (!std::strcmp(argv[1], "--help") || !std::strcmp(argv[1], "-h"));
    std::fputs("usage: foster serve WORKLOAD\n", wants_help ? stdout : stderr);
    return wants_help ? kExitOk : kExitUsage;
  }
  const char* socket = std::getenv("FOSTER_SOCKET");
  return RunGateway(argv[1], socket ? socket : "");
}

}  // namespace foster
