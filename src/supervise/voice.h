// SPDX-License-Identifier: MIT
// Voice: what foster itself has to say: lines of the service "foster" in the logs, or stderr while there are
// no logs. Not: a log level machinery. Called by: every part of supervise. Invariant: never waits, never
// fails.
#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace foster {

class Voice {
 public:
  // One line, without '\n'; several when it holds some.
  void Say(std::string_view text);
  // From now on into this pipe (write end, made non-blocking).
  void SetPipe(UniqueFd pipe);

 private:
  UniqueFd pipe_;
};

}  // namespace foster
