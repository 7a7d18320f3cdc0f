// SPDX-License-Identifier: MIT
// LogRecords: lines of the log memories -> what clients see: with names and cursors, and without secrets.
// Not: choosing lines (sys/log_reader.h). Called by: LogReply, LogFollowers, methods. Invariant: no text
// leaves supervise but through here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/redactor.h"
#include "foster/service_status.h"
#include "sys/log_reader.h"

namespace foster {

// What is hidden in the lines of each slot: by the slot's config, as it is now.
class LogRedactors {
 public:
  const Redactor& Of(const LogTable& table, int slot);

 private:
  struct Known {
    std::uint64_t config = 0;  // LogSlot::config that it was made of
    Redactor redactor;
  };
  std::map<int, Known> known_;  // at most kLogSlots
};

// `cursor` lies before the line, and afterwards behind it, so that a client can go on after any of them.
LogRecord RecordOf(const std::string& name, const LogLine& line, const Redactor& redactor, LogCursor* cursor);

}  // namespace foster
