// SPDX-License-Identifier: MIT
// foster logd [--stdout=0|1] [--colour=0|1]: WRITES. The fds are those of sys/log_table.h.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "apps/apps.h"
#include "logd/logd.h"

namespace foster {
namespace {

// FOSTER_LOG_FORMAT: what a line on foster's stdout looks like.
bool WantsJson() {
  const char* format = std::getenv("FOSTER_LOG_FORMAT");
  if (format == nullptr || *format == '\0' || std::strcmp(format, "text") == 0) return false;
  if (std::strcmp(format, "json") == 0) return true;
  std::fprintf(stderr, "foster logd: FOSTER_LOG_FORMAT=%s is neither text nor json; using text\n", format);
  return false;
}

}  // namespace

int LogdMain(int argc, char** argv) {
  LogdOptions options;
  const char* no_colour = std::getenv("NO_COLOR");
  options.colour =
      no_colour == nullptr || *no_colour == '\0';  // container logs are mostly looked at on terminals
  options.json = WantsJson();
  for (int i = 1; i < argc; ++i) {
    const bool is_on =
        std::strchr(argv[i], '=') != nullptr && std::strcmp(std::strchr(argv[i], '='), "=1") == 0;
    if (std::strncmp(argv[i], "--stdout=", 9) == 0) {
      options.print = is_on;
    } else if (std::strncmp(argv[i], "--colour=", 9) == 0) {
      options.colour = is_on;
    } else {
      std::fprintf(stderr, "foster logd: unknown argument: %s\n", argv[i]);
      return 2;
    }
  }
  const Result<void> result = RunLogd(options);
  if (result.ok()) return 0;
  std::fprintf(stderr, "foster logd: %s\n", result.error().message().c_str());
  return 1;
}

}  // namespace foster
