// SPDX-License-Identifier: MIT
// LogShow: entries in, what is to be seen out: filter, last lines, folding, printing and the budget of bytes,
// one behind the other. Not: where entries come from. Called by: logs. Invariants: memory is bounded by what
// was asked for (-n, -A, -B, --max-bytes); after GoLive() nothing is held back but repeats.
#pragma once

#include <deque>

#include "cli/log_query.h"

namespace foster::cli {

class LogShow {
 public:
  LogShow(LogQuery& query, const std::vector<std::string>& names, TimeZone zone, Console& console);

  void Add(LogEntry entry);
  // What was held back comes out; and with `is_live` so does what comes later, at once.
  void Finish(bool is_live);
  // Nothing comes for a while.
  void Pause();

  bool reader_gone() const { return console_.reader_gone(); }
  const LogCursors& cursors() const { return cursors_; }
  void SetCursor(const std::string& name, const std::string& cursor) { cursors_[name] = cursor; }
  void PrintCursor();
  // 0; 1 when a pattern matched nothing or took too long.
  int ExitCode();
  bool exhausted() const { return filter_.exhausted(); }

 private:
  void Kept(LogLineShown line);
  void Out(std::string text);
  void TellLeftOut();

  LogQuery& query_;
  Console& console_;
  LogPrinter printer_;
  LogFold fold_;
  TailKeeper tail_;
  LogFilter filter_;
  bool holds_tail_;
  bool is_live_ = false;
  LogCursors cursors_;
  std::deque<std::string> waiting_;  // within the budget
  std::uint64_t waiting_bytes_ = 0;
  std::uint64_t left_out_ = 0;
  std::uint64_t left_out_bytes_ = 0;
};

}  // namespace foster::cli
