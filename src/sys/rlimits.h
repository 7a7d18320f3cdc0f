// SPDX-License-Identifier: MIT
// RlimitNumber: "nofile" -> RLIMIT_NOFILE, as setrlimit(2) names them, lower case without RLIMIT_. Not:
// setting one (init does, in the child). Called by: supervise/spawn_isolation.cc. Invariant: RLIMIT_LOCKS is
// none: it carries the tag of the process tree.
#pragma once

#include <optional>
#include <string_view>

namespace foster {

std::optional<int> RlimitNumber(std::string_view name);

}  // namespace foster
