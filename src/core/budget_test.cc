// SPDX-License-Identifier: MIT
#include "core/budget.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

constexpr MonoTime kT0{Millis{1'000'000}};

}  // namespace

TEST_CASE("a window holds as many restarts as the budget says") {
  RestartPolicy policy;
  policy.budget = 3;
  policy.budget_window = Millis{1000};
  ServiceRecord record;
  for (int i = 0; i < 100; ++i) {  // more than the ring holds
    const MonoTime begin = kT0 + i * Millis{1000};
    for (int k = 0; k < 3; ++k) {
      const MonoTime at = begin + k * Millis{10};
      CHECK(HasBudget(policy, record, at));
      NoteRestart(record, at);
    }
    CHECK_FALSE(HasBudget(policy, record, begin + Millis{999}));
  }
  ForgetRestarts(record);
  CHECK(HasBudget(policy, record, kT0));
}

TEST_CASE("no budget, all the budget, and a window without end") {
  RestartPolicy policy;
  ServiceRecord record;
  for (std::uint32_t i = 0; i < 2 * kMaxBudget; ++i) NoteRestart(record, kT0);
  CHECK(HasBudget(policy, record, kT0));
  policy.budget = kMaxBudget;
  CHECK_FALSE(HasBudget(policy, record, kT0 + Millis{1'000'000'000}));
  policy.budget = 0;
  ForgetRestarts(record);
  CHECK_FALSE(HasBudget(policy, record, kT0));
}

}  // namespace foster
