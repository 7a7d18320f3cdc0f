// SPDX-License-Identifier: MIT
#include "core/backoff.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

RestartPolicy Growing(Millis base, Millis step, std::uint32_t factor_percent, Millis cap) {
  RestartPolicy policy;
  policy.base = base;
  policy.step = step;
  policy.factor_percent = factor_percent;
  policy.cap = cap;
  return policy;
}

}  // namespace

TEST_CASE("the delay grows by step, by factor, and stops at the cap") {
  RestartPolicy policy = Growing(Millis{1000}, Millis{1000}, 100, Millis{3500});
  CHECK(FailedStartDelay(policy, 1) == Millis{1000});
  CHECK(FailedStartDelay(policy, 2) == Millis{2000});
  CHECK(FailedStartDelay(policy, 4) == Millis{3500});
  policy = Growing(Millis{1000}, Millis{0}, 200, Millis{30'000});
  CHECK(FailedStartDelay(policy, 3) == Millis{4000});
  CHECK(FailedStartDelay(policy, UINT32_MAX) == Millis{30'000});
}

TEST_CASE("extreme policies neither overflow nor go below zero") {
  RestartPolicy policy = Growing(Millis{1000}, Millis::max(), 4'000'000'000, kForever);
  CHECK(FailedStartDelay(policy, UINT32_MAX) == kForever);
  policy = Growing(Millis{1000}, Millis{0}, 0, Millis{30'000});
  CHECK(FailedStartDelay(policy, 2) == Millis{0});
  policy = Growing(Millis{0}, Millis{0}, 200, Millis{30'000});
  CHECK(FailedStartDelay(policy, UINT32_MAX) == Millis{0});
}

TEST_CASE("the time that a process ran counts towards the delay after its end") {
  RestartPolicy policy;
  policy.ending_delay = Millis{1000};
  CHECK(EndingDelay(policy, Millis{0}) == Millis{1000});
  CHECK(EndingDelay(policy, Millis{300}) == Millis{700});
  CHECK(EndingDelay(policy, Millis{5000}) == Millis{0});
}

}  // namespace foster
