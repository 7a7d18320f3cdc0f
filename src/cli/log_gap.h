// SPDX-License-Identifier: MIT
// LogGap: how many lines of a service are missing between those that come, by their numbers: the ring gave
// them up before they were read. Not: bytes that files left out (LogEntry::skipped_bytes). Called by: logs
// (following). Invariants: a line that comes in pieces counts once; another boot begins to count anew; what
// comes first has nothing missing before it.
#pragma once

#include <map>
#include <string>

#include "logfile/log_entry.h"

namespace foster::cli {

class LogGap {
 public:
  // For each line that comes, in their order; lines of both streams, or nothing can be said.
  std::uint64_t MissingBefore(const LogEntry& entry);
  // What is shown in their place.
  static LogEntry Of(const LogEntry& next, std::uint64_t missing);

 private:
  struct Last {
    std::string boot;
    std::uint64_t seq = 0;
  };
  std::map<std::string, Last> last_;  // by service
};

}  // namespace foster::cli
