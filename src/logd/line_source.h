// SPDX-License-Identifier: MIT
// LineSource: the lines of one slot from given positions on, out of the arena, in the order in which they
// came (by the index), each with all that is known of it. Not: moving positions or telling of gaps (the sink
// does both). Called by: sinks, each on its own thread; the console. Invariants: reads only, so any number of
// threads may; what is punched out while it is read is found out and counted as skipped; a line of more than
// kLogLineMost bytes comes in pieces; `text` views live until the next call.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foster/time.h"
#include "sys/log_table.h"

namespace foster {

using LogPositions = std::array<std::uint64_t, kLogStreams>;

struct SourceLine {
  std::uint32_t stream = 0;
  bool is_continued = false;  // goes on with a line whose beginning was given before
  bool is_cut = false;        // has no '\n': more of the line comes later, or never
  std::uint64_t seq = 0;      // of the line in its service, from 1; pieces of one line share it
  std::int64_t wall = 0;      // ns, when its last byte came
  std::int64_t mono = 0;      // ns
  std::uint64_t incarnation = 0;
  std::uint64_t end = 0;  // position behind it in its stream
  std::string_view text;  // without '\n'
};

struct LineBatch {
  std::vector<SourceLine> lines;
  LogPositions next{};     // positions behind these lines
  LogPositions skipped{};  // bytes between `from` and the lines that were gone
  bool has_more = false;   // another call with `next` brings lines at once
};

// What a source reads into; means nothing between two calls.
struct LineMemory {
  std::vector<LogIndexEntry> entries;
  std::array<std::string, kLogStreams> texts;
};

class LineSource {
 public:
  // `takes`: which streams.
  LineSource(const LogTable& table, std::uint32_t slot, std::array<bool, kLogStreams> takes);
  ~LineSource();
  LineSource(LineSource&&) noexcept;

  // Whole lines from `from` on, about `room` bytes of text at most (at least one line if there is one).
  // `flush`: what stands behind the last '\n' is given, too, as a piece with is_cut.
  void Next(const LogPositions& from, std::size_t room, bool flush, LineBatch* batch);

  // Gives its buffers away and uses these from now on; what the last batch shows goes with them.
  void SwapMemory(LineMemory* memory);

  // For raw copies of one stream: the length of the whole lines at `from`, at most `room` bytes (a line
  // longer than that is given in pieces). `*skipped`: bytes that were gone; the range begins behind them.
  std::uint64_t RawLength(std::uint32_t stream, std::uint64_t from, std::size_t room, bool flush,
                          std::uint64_t* skipped);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace foster
