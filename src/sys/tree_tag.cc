// SPDX-License-Identifier: MIT
#include "sys/tree_tag.h"

#include <sys/resource.h>

namespace foster {

std::optional<std::uint64_t> TreeTagOf(std::int32_t pid) {
  rlimit limit{};
  if (pid <= 0 || prlimit(pid, RLIMIT_LOCKS, nullptr, &limit) != 0) return std::nullopt;
  return limit.rlim_max;
}

}  // namespace foster
