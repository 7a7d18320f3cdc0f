// SPDX-License-Identifier: MIT
#include "supervise/patience.h"

#include <time.h>

#include <catch2/catch.hpp>

#include "sys/clock.h"

namespace foster {
namespace {

void StandStill(Millis span) {
  timespec time{span.count() / 1000, span.count() % 1000 * 1'000'000};
  nanosleep(&time, nullptr);
}

}  // namespace

TEST_CASE("patience runs out once, and not after its end") {
  Loop loop;
  Timers timers(loop);
  Patience kept(timers);
  Patience ended(timers);
  int ran_out = 0;
  kept.Begin(Millis(5), [&] { ++ran_out; });
  ended.Begin(Millis(5), [&] { ran_out += 100; });
  ended.End();
  timers.In(Millis(50), [&] { loop.Stop(); });
  loop.Run();
  CHECK(ran_out == 1);
}

TEST_CASE("a limit that is noticed much too late starts again") {
  Loop loop;
  Timers timers(loop);
  Patience patience(timers);
  MonoTime woken{};
  MonoTime out{};
  patience.Begin(Millis(60), [&] {
    out = MonoNow();
    loop.Stop();
  });
  timers.In(Millis(1), [&] {
    StandStill(Millis(700));  // as if the machine had
    woken = MonoNow();
  });
  loop.Run();
  CHECK(out - woken >= Millis(55));
}

}  // namespace foster
