// SPDX-License-Identifier: MIT
// LogPattern: a regular expression (PCRE2) that lines are searched with. PCRE2 is behind it, in
// log_pattern.cc alone. Not: which lines are shown (log_filter.h). Called by: log_filter, log_printer.
// Invariants: any bytes may be searched (what is no UTF-8 matches no character); no pattern and no line can
// hold it up: a line that takes too long counts as one that does not match, and after kMostPatience in all it
// is `exhausted()`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foster/time.h"

namespace foster::cli {

class LogPattern {
 public:
  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool operator==(const Span&) const = default;
  };
  static constexpr std::size_t kLongest = 16 * 1024;  // bytes of a pattern
  static constexpr std::size_t kMostSpans = 1000;     // of one line
  static constexpr Millis kMostPatience{3000};        // for lines that are given up, together

  // Error: "pattern 'a(b': missing closing parenthesis at character 4".
  static Result<LogPattern> Make(std::string_view pattern, bool ignore_case);
  LogPattern(LogPattern&&) noexcept;
  LogPattern& operator=(LogPattern&&) noexcept;
  ~LogPattern();

  bool Matches(std::string_view line);
  // Where it matches, without empty matches; what the limits cut off is left out.
  std::vector<Span> All(std::string_view line);

  std::uint64_t given_up() const;  // lines
  bool exhausted() const;

 private:
  struct Impl;
  explicit LogPattern(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace foster::cli
