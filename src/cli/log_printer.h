// SPDX-License-Identifier: MIT
// LogPrinter: lines as they are shown: "name | text" with the names aligned and coloured, JSON objects, the
// exact bytes, or the text alone. Not: which lines (log_filter.h). Called by: logs. Invariants: pure, text
// comes out and nothing is written; the text's own bytes are left as they are, but where --pretty takes an
// object apart.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/log_filter.h"
#include "cli/log_time.h"

namespace foster::cli {

enum class LogOutput { kText, kJson, kRaw, kCat };

struct LogStyle {
  LogOutput output = LogOutput::kText;
  bool prefix = false;
  bool colour = false;
  bool pretty = false;  // lines that are JSON objects, in kText and kCat
  std::optional<TimeFormat> time;
};

class LogPrinter {
 public:
  // `names`: the services that are expected, for the width of the prefix.
  LogPrinter(const std::vector<std::string>& names, LogStyle style, TimeZone zone);

  // Appends to `*out`. `now`: for relative times.
  void Print(const LogLineShown& line, WallNanos now, std::string* out);
  // After a line that came `times` in all, the last one at the line's time.
  void PrintRepeats(const LogLineShown& last, std::uint64_t times, WallNanos first, WallNanos now,
                    std::string* out);

 private:
  Colour ColourOf(const std::string& name);
  void PrintGap(const LogEntry& entry, std::string* out);
  std::string Front(const LogEntry& entry, WallNanos now);

  LogStyle style_;
  TimeZone zone_;
  int width_ = 0;
  std::map<std::string, Colour> colours_;
};

// `text` with the spans emphasised.
std::string Highlighted(const std::string& text, const std::vector<LogPattern::Span>& spans);

}  // namespace foster::cli
