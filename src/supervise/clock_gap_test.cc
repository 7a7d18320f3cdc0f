// SPDX-License-Identifier: MIT
#include "supervise/clock_gap.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

ClockReading At(std::int64_t mono, std::int64_t asleep = 0) {
  return {MonoTime(Millis(mono)), Millis(asleep)};
}

}  // namespace

TEST_CASE("looks in time find no gap") {
  ClockGap gap(At(1000));
  CHECK_FALSE(gap.Look(At(1001), true));
  CHECK_FALSE(gap.Look(At(2001), true));
  CHECK_FALSE(gap.Look(At(4001), true));  // late, but by no more than a second
}

TEST_CASE("a tick that comes late is a gap, told once") {
  ClockGap gap(At(1000));
  auto found = gap.Look(At(32'000), true);
  REQUIRE(found);
  CHECK(found->whole == Millis(31'000));
  CHECK(found->counted == Millis(31'000));
  CHECK_FALSE(gap.Look(At(32'000), true));
  CHECK_FALSE(gap.Look(At(33'000), true));
}

TEST_CASE("a long sleep of the loop is none while nothing is pending") {
  ClockGap gap(At(1000));
  CHECK_FALSE(gap.Look(At(3'600'000), false));
}

TEST_CASE("a machine that slept has a gap that no deadline lost time to") {
  ClockGap gap(At(1000, 50));
  CHECK_FALSE(gap.Look(At(1500, 60), true));
  auto found = gap.Look(At(2000, 3'600'060), false);
  REQUIRE(found);
  CHECK(found->whole == Millis(3'600'000));
  CHECK(found->counted == Millis(0));
  auto both = gap.Look(At(12'000, 3'620'060), true);
  REQUIRE(both);
  CHECK(both->whole == Millis(30'000));
  CHECK(both->counted == Millis(10'000));
}

}  // namespace foster
