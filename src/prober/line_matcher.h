// SPDX-License-Identifier: MIT
// LineMatcher: whether a line holds what a log-line probe looks for: a text, or a POSIX extended pattern.
// Colours and other escape sequences count as if they were not there. Not: cutting lines. Called by:
// log_watch.cc. Invariant: const, so that a worker may use it while the loop goes on; a pattern may take
// long.
#pragma once

#include <regex.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace foster {

// Without CSI, OSC and other escape sequences, and without the '\r' at its end.
std::string PlainLine(std::string_view line);

class LineMatcher {
 public:
  // Error: "cannot use the pattern '[': Unmatched [, [^, ...".
  static Result<LineMatcher> Make(const std::string& pattern, bool is_regex);
  // `is_whole`: the line has ended; before that '$' finds no end.
  bool Matches(const std::string& plain_line, bool is_whole = true) const;

 private:
  std::string text_;
  std::shared_ptr<const regex_t> regex_;  // null: text_
};

}  // namespace foster
