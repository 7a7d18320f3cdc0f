// SPDX-License-Identifier: MIT
// LogFilter: which of the lines that stream by are wanted: by time, stream, life, level and pattern, with the
// lines around them. TailKeeper: only the last of them. Not: where lines come from (log_source.h) nor how
// they look (log_printer.h). Called by: logs. Invariants: the order stays; memory is bounded by the context
// and the count that were asked for, and by kMostKeptBytes.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/log_pattern.h"
#include "logfile/log_entry.h"
#include "model/log_level.h"

namespace foster::cli {

inline constexpr std::size_t kMostContext = 10'000;          // lines before, and behind
inline constexpr std::size_t kMostKeptBytes = 256ull << 20;  // of lines that wait

struct LogChoice {
  WallNanos since = 0;
  WallNanos until = INT64_MAX;
  bool takes[2] = {true, true};                // stdout, stderr
  std::map<std::string, std::uint64_t> lives;  // only this incarnation of a service
  std::optional<LogLevel> least;
  bool searches = false;   // there is a pattern
  bool invert = false;     // lines that do not match the pattern
  std::size_t before = 0;  // lines around a match
  std::size_t after = 0;
  bool highlight = false;  // LogLine::spans is filled
};

enum class LogLineRole : std::uint8_t { kMatch, kBefore, kAfter, kGap };

// A line that is to be shown.
struct LogLineShown {
  LogEntry entry;
  LogLineRole role = LogLineRole::kMatch;
  bool begins_group = false;  // lines between it and the one before were left out ("--")
  std::vector<LogPattern::Span> spans;
};

class LogFilter {
 public:
  using Emit = std::function<void(LogLineShown)>;
  LogFilter(LogChoice choice, std::optional<LogPattern> pattern, Emit emit);

  void Add(LogEntry entry);
  // Lines at which the pattern was given up, and whether it is of no use any more.
  std::uint64_t given_up() const { return pattern_ ? pattern_->given_up() : 0; }
  bool exhausted() const { return pattern_ && pattern_->exhausted(); }
  std::uint64_t matches() const { return matches_; }

  // What needs no other line to be known; the same for every order of asking.
  static bool IsWanted(const LogChoice& choice, const LogEntry& entry);

 private:
  struct Saying {
    LogLevel level = LogLevel::kInfo;
    WallNanos wall = 0;
    std::uint64_t incarnation = 0;
    bool is_said = false;
  };
  bool IsBadEnough(const LogEntry& entry);
  bool IsMatch(const LogEntry& entry);
  void Show(LogEntry entry, LogLineRole role);

  LogChoice choice_;
  std::optional<LogPattern> pattern_;
  Emit emit_;
  std::map<std::pair<std::string, std::uint32_t>, Saying> sayings_;
  std::deque<LogEntry> before_;  // the last lines that did not match
  std::size_t before_bytes_ = 0;
  std::size_t after_left_ = 0;
  std::uint64_t matches_ = 0;
  bool is_gap_ = false;  // lines were left out since the last one shown
  bool is_first_ = true;
};

// Keeps the last `count` lines of each service; with context: the last `count` matches of all, and what
// stands beside them.
class TailKeeper {
 public:
  TailKeeper(std::size_t count, bool has_context) : count_(count), has_context_(has_context) {}
  void Add(LogLineShown line);
  // Oldest first; empties it.
  void Drain(const LogFilter::Emit& emit);

 private:
  void DropOldest(const std::string& service);
  void DropOldestGroup();

  std::size_t count_;
  bool has_context_;
  std::size_t bytes_ = 0;
  std::size_t matches_ = 0;
  std::uint64_t next_ = 0;
  // By the order in which they came; and of each service, which of them are its.
  std::map<std::uint64_t, LogLineShown> lines_;
  std::map<std::string, std::deque<std::uint64_t>> by_service_;
};

}  // namespace foster::cli
