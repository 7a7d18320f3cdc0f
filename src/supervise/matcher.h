// SPDX-License-Identifier: MIT
// Matcher: the name patterns of the control protocol -> services. Not: permissions. Pure. Called by: methods.
// Invariant: either every pattern matched something, or the error says which one did not and what is close.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foster/plan.h"

namespace foster {

struct Nameable {
  std::string name;       // full
  std::string workload;   // may be empty
  std::string directory;  // may be empty
  bool internal = false;
};

// Full names, each once, in the order of `all`. No patterns: all but the internal ones (all of them with
// `internals`).
Result<std::vector<std::string>> MatchNames(std::span<const std::string> patterns,
                                            std::span<const Nameable> all, std::span<const Bundle> bundles,
                                            bool internals);

// `*`, `?` and [...] over the whole text.
bool GlobMatches(std::string_view pattern, std::string_view text);

}  // namespace foster
