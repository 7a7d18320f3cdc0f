// SPDX-License-Identifier: MIT
// LogView: the last lines of one service and where in them the reader stands. Not: the connection they come
// from (app.h), nor cells (render.h). Called by: app, render. Invariants: at most kMaxLines lines and
// kMaxBytes bytes; lines are numbered for ever, so that dropping old ones does not move the place that is
// being read.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "foster/service_status.h"

namespace foster::tui {

struct LogEntry {
  std::string text;
  std::string time;
  bool is_error = false;  // came on stderr
  bool partial = false;   // its end has not come yet
};

class LogView {
 public:
  static constexpr std::size_t kMaxLines = 10000;
  static constexpr std::size_t kMaxBytes = 16u << 20;
  static constexpr std::size_t kMaxText = 16384;

  void Clear();
  void Append(const LogRecord& record);

  // Moves by lines; reaching the newest line follows again. `page` lines are shown.
  void Scroll(std::int64_t lines, std::size_t page);
  void ToOldest(std::size_t page);
  void ToNewest() { follow_ = true; }
  void SetFollow(bool follow);

  bool follow() const { return follow_; }
  std::size_t size() const { return lines_.size(); }
  const LogEntry& line(std::uint64_t number) const { return lines_[number - first_]; }
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + lines_.size(); }
  // The line behind the last one shown.
  std::uint64_t bottom() const { return follow_ ? end() : bottom_; }

 private:
  std::deque<LogEntry> lines_;
  std::uint64_t first_ = 0;
  std::uint64_t bottom_ = 0;
  std::size_t bytes_ = 0;
  bool follow_ = true;
};

}  // namespace foster::tui
