// SPDX-License-Identifier: MIT
// LogWatch: looks through what one incarnation of a service has written, on both streams, for one line; each
// look goes on where the one before ended. Not: being told that bytes came (kLogGrew). Called by: prober.cc,
// in a worker when the pattern may take long. Invariants: only bytes behind the beginning of this incarnation
// count, and only as long as it is the current one; a look reads at most kLookBytes a stream; the last line
// is looked at before it is complete, and again when it has grown.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "prober/line_matcher.h"
#include "sys/log_table.h"
#include "wire/probe_codec.h"

namespace foster {

inline constexpr std::size_t kLookBytes = 256u << 10;
inline constexpr std::size_t kLookLine = 64u << 10;  // a longer line is looked at in pieces

class LogWatch {
 public:
  LogWatch(std::shared_ptr<const LogTable> table, TreeId tree, LineMatcher matcher)
      : table_(std::move(table)), tree_(std::move(tree)), matcher_(std::move(matcher)) {}

  // The line, plain, once it has come.
  std::optional<std::string> Look();
  // Whether the last look left something behind that was there to be read.
  bool has_more() const { return has_more_; }

 private:
  std::optional<std::string> LookAt(int slot, std::uint32_t stream);
  std::optional<std::string> MatchLines(std::string_view bytes, std::uint64_t begin, std::uint64_t* at);

  std::shared_ptr<const LogTable> table_;
  TreeId tree_;
  LineMatcher matcher_;
  std::array<std::uint64_t, kLogStreams> at_{};    // the line being looked at begins here
  std::array<std::uint64_t, kLogStreams> seen_{};  // up to here it was looked at
  bool has_more_ = false;
};

}  // namespace foster
