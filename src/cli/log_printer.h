// SPDX-License-Identifier: MIT
// LogPrinter: LogRecords as lines of the terminal: "name | text", the names aligned and coloured when there
// are several services. Not: fetching. Called by: logs. Invariant: one record, one line; the text's own bytes
// are left as they are.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/console.h"
#include "foster/service_status.h"

namespace foster::cli {

struct LogStyle {
  bool prefix = false;
  bool time = false;
};

class LogPrinter {
 public:
  // `names`: the services that are expected, for the width of the prefix.
  LogPrinter(Console& console, const std::vector<std::string>& names, LogStyle style);
  void Print(const LogRecord& line);

 private:
  Colour ColourOf(const std::string& name);

  Console& console_;
  LogStyle style_;
  int width_ = 0;
  std::map<std::string, Colour> colours_;
};

// Lines of several services in the order of their times; each service's own order stays.
std::vector<LogRecord> MergeByTime(std::vector<LogRecord> lines);

}  // namespace foster::cli
