// SPDX-License-Identifier: MIT
// Console: the stream of rendered lines that foster's stdout is fed from, and the step that moves lines into
// it wholly or not at all: bytes behind console_end first (nobody sees them there), then the intent, then the
// positions. Not: printing (printer.h). Called by: feeder, the logd loop. Invariant: written by the loop's
// thread alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "sys/log_table.h"

namespace foster {

// How far writing to a regular file has come: its size if it is opened for appending, else the position that
// its writers share. -1 for anything but a regular file.
std::int64_t WrittenExtent(int out);

class Console {
 public:
  explicit Console(LogTable& table) : table_(table), header_(table.header()) {}

  // Finishes the step that an earlier logd was in, and a write(2) to the regular file `out` that it was in.
  void Recover(int out);

  std::uint64_t End() const { return header_.console_end.load(std::memory_order_acquire); }
  std::uint64_t Sent() const {
    return static_cast<std::uint64_t>(__atomic_load_n(&header_.console_sent, __ATOMIC_ACQUIRE) -
                                      ConsoleBase());
  }
  std::uint64_t Backlog() const { return End() - Sent(); }

  // `lines` were rendered from a stream up to `rendered`. False: no memory for them, and nothing has changed.
  bool Append(std::uint32_t slot, std::uint32_t stream, std::uint64_t rendered, std::string_view lines);

 private:
  void Apply();

  LogTable& table_;
  LogHeader& header_;
};

}  // namespace foster
