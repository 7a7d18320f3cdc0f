// SPDX-License-Identifier: MIT
// LogReader: lines of one service out of the LogTable, both streams in the order in which their bytes came.
// Not: following (the caller reads again from the cursor when the bell rings), nor text treatment (bytes as
// they came). Called by: src/supervise (for `logs`), tests. Invariant: a cursor is good across restarts of
// supervise and logd.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "foster/time.h"
#include "sys/log_table.h"

namespace foster {

struct LogLine {
  std::uint32_t stream = 0;  // 0 stdout, 1 stderr
  WallNanos wall = 0;        // when its last byte came
  std::uint64_t incarnation = 0;
  std::string text;         // without '\n'; at most 64 KiB, longer lines come in pieces of that size
  bool partial = false;     // has no '\n' (yet)
  std::uint64_t begin = 0;  // positions in its stream: of its first byte, and behind its last
  std::uint64_t end = 0;
};

// Where reading goes on, per stream: position of the next byte.
struct LogCursor {
  std::array<std::uint64_t, kLogStreams> position{};
};

// The last `count` lines (<= kRetainLines) of `slot`, oldest first; `cursor` is set behind them. A last line
// without
// '\n' is included, marked partial, and the cursor stands before it.
std::vector<LogLine> TailLines(const LogTable& table, int slot, std::size_t count, LogCursor* cursor);

// Whole lines that came since `cursor`, at most `limit`; moves it. What was punched out meanwhile is skipped.
std::vector<LogLine> LinesSince(const LogTable& table, int slot, LogCursor* cursor, std::size_t limit);

// "12.7" <-> {12, 7}: how cursors travel in the control protocol. False if malformed.
std::string ToText(const LogCursor& cursor);
bool FromText(std::string_view text, LogCursor* cursor);

}  // namespace foster
