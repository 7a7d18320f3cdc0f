// SPDX-License-Identifier: MIT
#include "supervise/timers.h"

#include <catch2/catch.hpp>
#include <string>

#include "sys/clock.h"

namespace foster {

TEST_CASE("timers fire in order, and a cancelled one never") {
  Loop loop;
  Timers timers(loop);
  std::string order;
  timers.In(Millis(20), [&] { order += "b"; });
  timers.In(Millis(1), [&] { order += "a"; });
  auto never = timers.In(Millis(2), [&] { order += "x"; });
  timers.In(Millis(40), [&] { loop.Stop(); });
  timers.Cancel(never);
  timers.Cancel(never);
  loop.Run();
  CHECK(order == "ab");
  CHECK_FALSE(timers.ticking());
}

TEST_CASE("a gap moves what judges, and nothing else") {
  Loop loop;
  Timers timers(loop);
  MonoTime begin = MonoNow();
  MonoTime moved{};
  std::string order;
  timers.At(begin + Millis(10), [&] { moved = MonoNow(); });
  timers.At(
      begin + Millis(60), [&] { order += "engine "; }, Tie::kEngine);
  timers.At(
      begin + Millis(30), [&] { order += "clock "; }, Tie::kClock);
  timers.At(kNoDeadline, [&] { order += "never "; });
  timers.Move(Millis(100));
  timers.At(begin + Millis(150), [&] { loop.Stop(); });
  loop.Run();
  CHECK(order == "clock engine ");
  CHECK(moved >= begin + Millis(110));
}

TEST_CASE("the loop wakes every second while something judges, and not for a schedule") {
  Loop loop;
  Timers timers(loop);
  int turns = 0;
  loop.OnTurn([&] { ++turns; });
  timers.At(
      MonoNow() + Millis(1'600), [&] { loop.Stop(); }, Tie::kClock);
  CHECK_FALSE(timers.ticking());
  loop.Run();
  CHECK(turns <= 3);  // going to sleep, and the timer

  turns = 0;
  auto judging = timers.In(Millis(60'000), [] {});
  CHECK(timers.ticking());
  timers.At(
      MonoNow() + Millis(2'600), [&] { loop.Stop(); }, Tie::kClock);
  loop.Run();
  CHECK(turns >= 5);  // two ticks more
  timers.Cancel(judging);
  CHECK_FALSE(timers.ticking());
}

}  // namespace foster
