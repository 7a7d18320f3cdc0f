// SPDX-License-Identifier: MIT
#include "supervise/ending.h"

#include <catch2/catch.hpp>

#include "supervise/signal_names.h"

namespace foster {

TEST_CASE("the stop budget is read in seconds, senseless ones are the default") {
  CHECK(ShutdownTimeout(nullptr) == Millis(8000));
  CHECK(ShutdownTimeout("3") == Millis(3000));
  CHECK(ShutdownTimeout("1.5s") == Millis(1500));
  for (const char* text : {"", "-1", "0", "soon", "3x", "nan", "1e30"})
    CHECK(ShutdownTimeout(text) == Millis(8000));
}

TEST_CASE("signals by name and number") {
  CHECK(SignalFromJson(Json("TERM")) == 15);
  CHECK(SignalFromJson(Json("sigkill")) == 9);
  CHECK(SignalFromJson(Json("10")) == 10);
  CHECK(SignalFromJson(Json(1)) == 1);
  for (const Json& json : {Json("NOPE"), Json(0), Json(-3), Json(1000), Json(""), Json()})
    CHECK_FALSE(SignalFromJson(json).has_value());
}

}  // namespace foster
