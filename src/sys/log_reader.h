// SPDX-License-Identifier: MIT
// LogReader: lines of one service out of the LogTable, both streams in the order in which their bytes came
// (by the slot's index). Not: following (the caller reads again from the cursor when the bell rings), nor
// text treatment (bytes as they came; the caller hides secrets). Called by: src/supervise (for `logs`),
// tests. Invariants: a cursor is good across restarts of supervise and logd; a call does at most what its
// budget allows, wherever it begins; what was punched out meanwhile is passed over and counted.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foster/time.h"
#include "sys/log_table.h"

namespace foster {

struct LogLine {
  std::uint32_t stream = 0;  // 0 stdout, 1 stderr
  std::uint64_t seq = 0;     // which line of the service, from 1; pieces of one line share it
  WallNanos wall = 0;        // when its last byte came
  std::int64_t mono = 0;     // the same, ns, CLOCK_MONOTONIC
  std::uint64_t incarnation = 0;
  std::string text;           // without '\n'; at most kLogLineMost, longer lines come in pieces of that size
  bool is_continued = false;  // its line began before it
  bool is_cut = false;        // its line goes on behind it
  bool partial = false;       // has no '\n' (yet)
  std::uint64_t begin = 0;    // positions in its stream: of its first byte, and behind its last
  std::uint64_t end = 0;
};

using LogReach = std::array<std::uint64_t, kLogStreams>;  // a position in each stream

// Where reading goes on, per stream: position of the next byte.
struct LogCursor {
  std::uint32_t boot = 0;  // BootOf() the table that it is of; 0 = nobody said
  LogReach position{};
  bool operator==(const LogCursor&) const = default;
};

// Which lines are wanted. Of a line counts when its last byte came.
struct LogFilter {
  std::array<bool, kLogStreams> takes{true, true};
  std::uint64_t incarnation = 0;  // 0 = of every life
  WallNanos since = INT64_MIN;
  WallNanos until = INT64_MAX;
  bool operator==(const LogFilter&) const = default;
};

// What one call may do: lines given, and bytes looked at (an index entry counts as its own size).
struct LogBudget {
  std::size_t lines = SIZE_MAX;
  std::size_t bytes = SIZE_MAX;
};

struct LogBatch {
  std::vector<LogLine> lines;
  std::uint64_t skipped = 0;  // bytes between the cursor and what was still there
  bool has_more = false;      // the budget was used up before the end
};

struct LogSpan {
  LogCursor begin;
  LogReach end{};
};

// Where the last `count` lines lie that pass the filter, if they do not have more than about `max_bytes`.
// While the wall clock was set back, lines of both clocks may lie in it: who reads them filters once more.
LogSpan FindLast(const LogTable& table, int slot, const LogFilter& filter, std::size_t count,
                 std::uint64_t max_bytes);

// Whole lines behind `cursor` that pass the filter, up to `end`; moves the cursor behind everything that was
// looked at and is no beginning of a line.
LogBatch ReadLines(const LogTable& table, int slot, LogCursor* cursor, const LogFilter& filter,
                   const LogBudget& budget, const LogReach* end = nullptr);

// What stands behind the last '\n' of each stream, from `cursor` on; the cursor stays before it.
std::vector<LogLine> ReadRests(const LogTable& table, int slot, const LogCursor& cursor,
                               const LogFilter& filter);

// All at once: the last `count` lines, oldest first, `cursor` behind them; a rest without '\n' is the last.
std::vector<LogLine> TailLines(const LogTable& table, int slot, std::size_t count, LogCursor* cursor,
                               std::uint64_t max_bytes = 1ull << 20);
// At most `limit` whole lines that came since `cursor`.
std::vector<LogLine> LinesSince(const LogTable& table, int slot, LogCursor* cursor, std::size_t limit);

std::uint32_t BootOf(const LogTable& table);  // never 0

// "01ab23cd.12.7" <-> {boot, {12, 7}}: how cursors travel in the control protocol. "12.7" is read, too: of no
// particular boot. False if malformed.
std::string ToText(const LogCursor& cursor);
bool FromText(std::string_view text, LogCursor* cursor);

}  // namespace foster
