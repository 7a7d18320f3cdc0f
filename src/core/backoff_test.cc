// SPDX-License-Identifier: MIT
#include "core/backoff.h"

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("the delay grows by step, by factor, and stops at the cap") {
  RestartPolicy policy{
      .base = Millis{1000}, .step = Millis{1000}, .factor_percent = 100, .cap = Millis{3500}};
  CHECK(FailedStartDelay(policy, 1) == Millis{1000});
  CHECK(FailedStartDelay(policy, 2) == Millis{2000});
  CHECK(FailedStartDelay(policy, 4) == Millis{3500});
  policy = {.base = Millis{1000}, .step = Millis{0}, .factor_percent = 200, .cap = Millis{30'000}};
  CHECK(FailedStartDelay(policy, 3) == Millis{4000});
  CHECK(FailedStartDelay(policy, UINT32_MAX) == Millis{30'000});
}

TEST_CASE("extreme policies neither overflow nor go below zero") {
  RestartPolicy policy{
      .base = Millis{1000}, .step = Millis::max(), .factor_percent = 4'000'000'000, .cap = kForever};
  CHECK(FailedStartDelay(policy, UINT32_MAX) == kForever);
  policy = {.base = Millis{1000}, .factor_percent = 0};
  CHECK(FailedStartDelay(policy, 2) == Millis{0});
  policy = {.base = Millis{0}, .factor_percent = 200};
  CHECK(FailedStartDelay(policy, UINT32_MAX) == Millis{0});
}

TEST_CASE("the time that a process ran counts towards the delay after its end") {
  const RestartPolicy policy{.ending_delay = Millis{1000}};
  CHECK(EndingDelay(policy, Millis{0}) == Millis{1000});
  CHECK(EndingDelay(policy, Millis{300}) == Millis{700});
  CHECK(EndingDelay(policy, Millis{5000}) == Millis{0});
}

}  // namespace foster
