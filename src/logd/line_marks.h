// SPDX-License-Identifier: MIT
// LineMarks: where, roughly every 64 lines or 64 KiB, a line of one stream begins, so that logd can say how
// far the stream's old end may be dropped without reading anything twice. Not: an index that survives logd (a
// new logd starts with none and keeps a little more for a while). Called by: renderer (a line ended), feeder
// (where the tail may go). Invariants: positions rise; at most kMost marks; at least kRetainLines lines stay
// unless bytes forbid it.
#pragma once

#include <cstdint>
#include <vector>

namespace foster {

class LineMarks {
 public:
  // A line ended; the next one begins at `position`.
  void LineEnded(std::uint64_t position) {
    ++lines_;
    if (lines_ - marked_lines_ >= kEveryLines || position - marked_position_ >= kEveryBytes) Mark(position);
  }
  // How far the tail may go when `newest` bytes were written: never backward, never beyond `newest`.
  std::uint64_t Tail(std::uint64_t tail, std::uint64_t newest) const;

 private:
  static constexpr std::uint64_t kEveryLines = 64;
  static constexpr std::uint64_t kEveryBytes = 64 * 1024;
  struct Entry {
    std::uint64_t position;
    std::uint64_t lines;  // that ended before it
  };
  void Mark(std::uint64_t position);

  std::vector<Entry> marks_;
  std::uint64_t lines_ = 0;
  std::uint64_t marked_lines_ = 0;
  std::uint64_t marked_position_ = 0;
};

}  // namespace foster
