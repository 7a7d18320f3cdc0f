// SPDX-License-Identifier: MIT
#include "core/transition_table.h"

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("every row is allowed, and says why") {
  for (const Transition& row : Transitions()) {
    CHECK(row.triggers != 0);
    CHECK(row.text.size() > 5);
    for (unsigned i = 0; i <= static_cast<unsigned>(kLastTrigger); ++i) {
      const auto trigger = static_cast<Trigger>(i);
      if ((row.triggers & Bit(trigger)) != 0) CHECK(IsAllowed(row.from, trigger, row.to));
    }
  }
}

TEST_CASE("what is not in a row is not allowed") {
  CHECK_FALSE(IsAllowed(State::kStopped, Trigger::kTimer, State::kRunning));
  CHECK_FALSE(IsAllowed(State::kWaiting, Trigger::kExited, State::kStopped));
  CHECK_FALSE(IsAllowed(State::kStopped, Trigger::kShutdown, State::kStarting));
}

}  // namespace foster
