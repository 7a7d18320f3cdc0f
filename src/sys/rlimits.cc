// SPDX-License-Identifier: MIT
#include "sys/rlimits.h"

#include <sys/resource.h>

namespace foster {
namespace {

struct Row {
  std::string_view name;
  int number;
};
constexpr Row kRows[] = {
    {"as", RLIMIT_AS},
    {"core", RLIMIT_CORE},
    {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},
    {"memlock", RLIMIT_MEMLOCK},
    {"msgqueue", RLIMIT_MSGQUEUE},
    {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE},
    {"nproc", RLIMIT_NPROC},
    {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},
    {"rttime", RLIMIT_RTTIME},
    {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
};

}  // namespace

std::optional<int> RlimitNumber(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) return row.number;
  return std::nullopt;
}

}  // namespace foster
