// SPDX-License-Identifier: MIT
// LogQuery: the words and options of `svc logs`, checked and as values. Cursors of several services as one
// word. Not: asking or printing. Called by: logs, log_source. Invariant: pure, but for the clock and zone
// that it is given; what contradicts itself is an error.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/log_filter.h"
#include "cli/log_fold.h"
#include "cli/log_printer.h"
#include "cli/verb.h"

namespace foster::cli {

using LogCursors = std::map<std::string, std::string>;  // by service; "" = of the only one

// "web=01ab23cd.12.7,db=01ab23cd.0.3"
std::string JoinCursors(const LogCursors& cursors);
Result<LogCursors> SplitCursors(std::string_view text);

struct LogQuery {
  static constexpr std::size_t kAll = SIZE_MAX;
  std::vector<std::string> names;
  bool follow = false;
  std::size_t lines = 100;  // the last ones of each service
  LogChoice choice;
  std::optional<LogPattern> pattern;
  FoldHow fold = FoldHow::kNot;
  LogStyle style;
  std::optional<std::uint64_t> max_bytes;
  std::optional<LogCursors> after;
  bool show_cursor = false;
  std::optional<std::int64_t> life;  // > 0: that one; 0: the last; -1: the one before it
  std::string boot;                  // "", "0", "-1" ..., or the beginning of an id
  std::string directory;
  bool has_context() const { return choice.before + choice.after > 0; }
};

Result<LogQuery> ReadLogQuery(const Arguments& arguments, const Console& console, WallNanos now,
                              const TimeZone& zone);

}  // namespace foster::cli
