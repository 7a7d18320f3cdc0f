// SPDX-License-Identifier: MIT
#include "cli/log_gap.h"

#include <algorithm>

namespace foster::cli {

std::uint64_t LogGap::MissingBefore(const LogEntry& entry) {
  // An unfinished line comes again; lines of files have no cursor, or come before those of the rings.
  if (entry.is_unfinished || entry.seq == 0 || entry.cursor.empty()) return 0;
  Last& last = last_[entry.service];
  std::string boot = entry.cursor.substr(0, entry.cursor.find('.'));
  if (boot != last.boot) last = {std::move(boot), 0};
  const std::uint64_t missing = last.seq > 0 && entry.seq > last.seq + 1 ? entry.seq - last.seq - 1 : 0;
  last.seq = std::max(last.seq, entry.seq);
  return missing;
}

LogEntry LogGap::Of(const LogEntry& next, std::uint64_t missing) {
  LogEntry gap;
  gap.service = next.service;
  gap.wall = next.wall;
  gap.skipped = missing;
  return gap;
}

}  // namespace foster::cli
