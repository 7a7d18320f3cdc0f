// SPDX-License-Identifier: MIT
#include "sys/clock.h"

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("moments are shown in UTC with milliseconds") {
  CHECK(ToRfc3339(1'700'000'000'123'456'789) == "2023-11-14T22:13:20.123Z");
  CHECK(ToRfc3339(0).empty());
}

TEST_CASE("monotonic time does not run backwards") {
  MonoTime first = MonoNow();
  CHECK(MonoNow() >= first);
}

}  // namespace foster
