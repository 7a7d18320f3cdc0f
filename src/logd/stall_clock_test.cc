// SPDX-License-Identifier: MIT
#include "logd/stall_clock.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

MonoTime At(int ms) { return MonoTime(Millis(ms)); }

TEST_CASE("stdout is stalled after five seconds without any progress, until it moves") {
  StallClock clock;
  clock.Observe(At(0), 0, 0);
  CHECK(clock.Deadline() == kNoDeadline);
  clock.Observe(At(10000), 0, 100);
  CHECK(clock.Deadline() == At(15000));
  clock.Observe(At(14999), 0, 200);
  CHECK_FALSE(clock.is_stalled());
  clock.Observe(At(15000), 0, 200);
  CHECK(clock.is_stalled());
  CHECK(clock.Deadline() == kNoDeadline);
  CHECK(clock.StillFor(At(15001)) == Millis(5001));
  clock.Observe(At(16000), 1, 200);
  CHECK_FALSE(clock.is_stalled());
  CHECK(clock.Deadline() == At(21000));
  clock.Observe(At(30000), 200, 200);
  CHECK_FALSE(clock.is_stalled());
  CHECK(clock.Deadline() == kNoDeadline);
}

TEST_CASE("slow progress is not a stall") {
  StallClock clock;
  for (int i = 0; i < 20; ++i) clock.Observe(At(i * 4000), static_cast<std::uint64_t>(i), 100);
  CHECK_FALSE(clock.is_stalled());
}

}  // namespace
}  // namespace foster
