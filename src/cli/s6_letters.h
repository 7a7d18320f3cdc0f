// SPDX-License-Identifier: MIT
// The s6 spelling: `-wU -T 5000 -t -u dir...` into acts in their order. Pure. Not: doing them (s6_svc.h).
// Called by: s6_svc, tests.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "foster/time.h"

namespace foster::cli {

enum class S6Verb { kUp, kDown, kOnce, kRestart, kSignal };

struct S6Act {
  S6Verb verb = S6Verb::kUp;
  int signal = 0;         // for kSignal
  bool to_group = false;  // for kSignal: to the process group
  bool operator==(const S6Act&) const = default;
};

enum class S6Wait { kNone, kUp, kReady, kDown, kFinished, kRestarted, kRestartedReady };

struct S6Command {
  std::vector<S6Act> acts;
  S6Wait wait = S6Wait::kNone;
  Millis timeout = kForever;
  std::vector<std::string> targets;  // paths or names
};

// Error: an unknown letter, one that foster does not do (and what to do instead), or no target.
Result<S6Command> ParseS6(const std::vector<std::string>& words);

}  // namespace foster::cli
