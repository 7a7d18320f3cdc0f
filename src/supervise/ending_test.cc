// SPDX-License-Identifier: MIT
#include "supervise/ending.h"

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("the stop budget is read in seconds, senseless ones are the default") {
  CHECK(ShutdownTimeout(nullptr) == Millis(8000));
  CHECK(ShutdownTimeout("3") == Millis(3000));
  CHECK(ShutdownTimeout("1.5s") == Millis(1500));
  for (const char* text : {"", "-1", "0", "soon", "3x", "nan", "1e30"})
    CHECK(ShutdownTimeout(text) == Millis(8000));
}

}  // namespace foster
