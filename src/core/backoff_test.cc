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

TEST_CASE("jitter lengthens by at most its part, and is the same for the same key") {
  Millis longest{0};
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Millis delay = WithJitter(Millis{1000}, 20, MixKey(7, i, 1));
    CHECK(delay >= Millis{1000});
    CHECK(delay <= Millis{1200});
    CHECK(delay == WithJitter(Millis{1000}, 20, MixKey(7, i, 1)));
    longest = std::max(longest, delay);
  }
  CHECK(longest > Millis{1150});
  CHECK(MixKey(1, 2, 3) != MixKey(2, 2, 3));
  CHECK(WithJitter(kForever, 100, 5) == kForever);
  CHECK(WithJitter(Millis{1000}, 0, 5) == Millis{1000});
}

}  // namespace foster
