// SPDX-License-Identifier: MIT
// foster load services --directory=D --output-fd=3
// foster load workload --name=N --format=F --file=P --output-fd=3
// Reads, writes the fragment as JSON to the fd, ends. It may crash or run into its limits: supervise sees
// that.
#include <cstdio>
#include <string>
#include <vector>

#include "apps/apps.h"
#include "formats/load_command.h"
#include "foster/exit_code.h"
#include "sys/reader_process.h"
#include "wire/plan_codec.h"

namespace foster {

int LoadMain(int argc, char** argv) {
  std::string error;
  auto request = ParseLoad(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), &error);
  if (!request) {
    std::fprintf(stderr, "foster load: %s\n", error.c_str());
    return kExitUsage;
  }
  if (auto limited = LimitReader(); !limited.ok()) {
    // Where limits cannot be set it still reads; init's timeout remains.
    std::fprintf(stderr, "foster load: %s\n", limited.error().message().c_str());
  }
  Fragment fragment = Load(*request, CurrentReadOptions());
  auto written = WriteWhole(request->output_fd, ToJson(fragment).Dump() + "\n");
  if (written.ok()) return kExitOk;
  std::fprintf(stderr, "foster load: %s\n", written.error().message().c_str());
  return kExitFailed;
}

}  // namespace foster
