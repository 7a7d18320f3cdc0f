// SPDX-License-Identifier: MIT
#include "logd/line_marks.h"

#include <catch2/catch.hpp>

#include "sys/log_table.h"

namespace foster {
namespace {

// Feeds `count` lines of `size` bytes and trims after each, as logd does.
struct Stream {
  LineMarks marks;
  std::uint64_t end = 0;
  std::uint64_t tail = 0;
  void Feed(int count, std::uint64_t size) {
    for (int i = 0; i < count; ++i) {
      end += size;
      marks.LineEnded(end);
      tail = marks.Tail(tail, end);
    }
  }
};

TEST_CASE("the last thousand lines stay, and little more") {
  Stream s;
  s.Feed(1000, 10);
  CHECK(s.tail == 0);
  s.Feed(100000, 10);
  const std::uint64_t kept = (s.end - s.tail) / 10;
  CHECK(kept >= kRetainLines);
  CHECK(kept <= kRetainLines + 64);
  CHECK(s.tail % 10 == 0);
}

TEST_CASE("bytes are bounded whatever the lines are like") {
  for (std::uint64_t size : {3000u, 16384u, 65536u, 500000u}) {
    Stream s;
    s.Feed(3000, size);
    CHECK(s.end - s.tail <= kRetainBytes);
    CHECK(s.end - s.tail >= kRetainBytes - 65536 - size);
    CHECK(s.tail % size == 0);
  }
  LineMarks none;
  CHECK(none.Tail(5, kRetainBytes) == 5);
  CHECK(none.Tail(5, kRetainBytes + 100) == 100);
}

}  // namespace
}  // namespace foster
