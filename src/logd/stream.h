// SPDX-License-Identifier: MIT
// Stream: what logd knows of one pipe beside what stands in the LogTable, and the way from the pipe into the
// arena. Not: rendering (feeder.h) or waiting (logd.cc). Called by: feeder, the logd loop. Invariant:
// everything here can be made anew from the table after a kill.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/unique_fd.h"
#include "foster/time.h"
#include "logd/renderer.h"
#include "sys/log_table.h"

namespace foster {

struct Stream {
  std::uint32_t slot = 0;
  std::uint32_t stream = 0;
  UniqueFd pipe;
  bool is_watched = false;   // in epoll
  bool had_pipe = false;     // in this logd's life; before that, what goes on with a line is still to come
  bool is_paused = false;    // not in epoll although it has a pipe: its ring is full of what is still needed
  bool is_dropping = false;  // its pipe is closed for good; forgotten once everything is rendered
  bool is_dirty = false;     // in the feeder's queue
  bool is_resting = false;   // in the feeder's list of lines without '\n'
  bool flush = false;        // the bytes behind the last '\n' are to be rendered, too
  int wide_pipe = -1;        // the pipe that was made bigger
  MonoTime last_bytes{};
  RenderState render;
};

inline LogStream& Entry(LogTable& table, const Stream& s) {
  return table.header().slots[s.slot].streams[s.stream];
}

enum class Fill { kMoved, kEmpty, kEnded, kNoMemory };

std::uint32_t NewlinesIn(std::string_view bytes);

// Moves at most `count` bytes from the pipe into the arena and records when they came.
Fill FillFromPipe(LogTable& table, Stream& s, std::size_t count);

// Records bytes that were moved when there was no memory to record them; true if there were any.
bool Announce(LogTable& table, const Stream& s);

// Nothing more is to be had at once: the pipe is there and empty, or has ended.
bool IsPipeEmpty(const Stream& s);

// A stream that an earlier logd, or none, has worked on: records the bytes that were moved but not recorded.
void TakeUp(LogTable& table, Stream& s);

}  // namespace foster
