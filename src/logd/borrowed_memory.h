// SPDX-License-Identifier: MIT
// BorrowedMemory: the large buffers that a sink needs while it writes, lent by the thread that calls it: the
// sinks of a thread write one after another, so one set does for all of them, however many services there
// are. Not: what a sink must find again at its next turn. Called by: FileSink and S6Sink, at the begin of
// Work. Invariants: all threads together keep at most kMostKept between two turns; no buffer is copied.
#pragma once

#include <string>
#include <vector>

#include "logd/line_source.h"

namespace foster {

inline constexpr std::size_t kMostKept = 768 * 1024;

class BorrowedMemory {
 public:
  // `texts`, all of them empty, are so again at the end.
  BorrowedMemory(LineSource* source, LineBatch* batch, std::vector<std::string*> texts);
  ~BorrowedMemory();
  BorrowedMemory(const BorrowedMemory&) = delete;
  BorrowedMemory& operator=(const BorrowedMemory&) = delete;

 private:
  void Swap();

  LineSource* const source_;
  LineBatch* const batch_;
  const std::vector<std::string*> texts_;
};

// What all threads keep now. For tests.
std::size_t KeptMemory();

}  // namespace foster
