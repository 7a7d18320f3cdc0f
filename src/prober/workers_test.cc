// SPDX-License-Identifier: MIT
#include "prober/workers.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>

#include "prober/deadlines.h"
#include "sys/clock.h"

namespace foster {
namespace {

// Work that stands still until it is let go.
struct Wall {
  std::promise<void> gone;
  std::shared_future<void> wait = gone.get_future().share();
  std::function<void()> Work() {
    return [wait = wait] { wait.wait(); };
  }
};

void RunUntil(Loop& loop, Deadlines& deadlines, const std::function<bool()>& is_over) {
  const MonoTime end = MonoNow() + Millis(20'000);
  while (!is_over() && MonoNow() < end) {
    deadlines.Add(MonoNow() + Millis(2), [&loop] { loop.Stop(); });
    loop.Run();
  }
  REQUIRE(is_over());
}

TEST_CASE("work that stands still holds nobody up but its own key") {
  Loop loop;
  Deadlines deadlines(loop);
  Workers workers(loop, 4, Millis(0));
  Wall wall;
  std::string done;
  workers.Start("dead", wall.Work(), [&done] { done += "d"; });
  workers.Start(
      "dead", [] {}, [&done] { done += "e"; });
  workers.Start(
      "other", [] {}, [&done] { done += "o"; });
  RunUntil(loop, deadlines, [&done] { return !done.empty(); });
  CHECK(done == "o");
  CHECK(workers.StuckAt() == kNoDeadline);
  wall.gone.set_value();
  RunUntil(loop, deadlines, [&done] { return done.size() == 3; });
  CHECK(done == "ode");
}

TEST_CASE("when all threads stand still and something waits, that is known") {
  Loop loop;
  Deadlines deadlines(loop);
  Workers workers(loop, 2, Millis(5));
  Wall wall;
  std::atomic<int> begun = 0;
  int done = 0;
  for (const char* key : {"a", "b"})
    workers.Start(
        key,
        [&begun, work = wall.Work()] {
          ++begun;
          work();
        },
        [&done] { ++done; });
  RunUntil(loop, deadlines, [&begun] { return begun == 2; });
  CHECK(workers.StuckAt() == kNoDeadline);  // nobody waits
  const auto waiting = workers.Start(
      "c", [] {}, [&done] { ++done; });
  const MonoTime stuck_at = workers.StuckAt();
  CHECK(stuck_at <= MonoNow() + Millis(5));
  workers.Cancel(waiting);
  CHECK(workers.StuckAt() == kNoDeadline);
  wall.gone.set_value();
  RunUntil(loop, deadlines, [&done] { return done == 2; });
}

TEST_CASE("cancelled work is not reported, and does not begin if it has not") {
  Loop loop;
  Deadlines deadlines(loop);
  Workers workers(loop, 1, Millis(5));
  Wall wall;
  std::atomic<bool> has_begun = false;
  bool is_told = false;
  bool is_last_done = false;
  const auto first = workers.Start("a", wall.Work(), [&is_told] { is_told = true; });
  const auto second = workers.Start(
      "b", [&has_begun] { has_begun = true; }, [&is_told] { is_told = true; });
  workers.Cancel(first);
  workers.Cancel(second);
  workers.Start(
      "c", [] {}, [&is_last_done] { is_last_done = true; });
  wall.gone.set_value();
  RunUntil(loop, deadlines, [&is_last_done] { return is_last_done; });
  CHECK_FALSE(is_told);
  CHECK_FALSE(has_begun);
}

TEST_CASE("deadlines come in order, removed ones do not, and new ones let fds have their turn") {
  Loop loop;
  Deadlines deadlines(loop);
  std::string order;
  const MonoTime now = MonoNow();
  deadlines.Add(now + Millis(3), [&order] { order += "c"; });
  const auto removed = deadlines.Add(now + Millis(2), [&order] { order += "b"; });
  deadlines.Add(now + Millis(1), [&order] { order += "a"; });
  deadlines.Remove(removed);
  deadlines.Add(kNoDeadline, [&order] { order += "never"; });
  int turns = 0;
  std::function<void()> again = [&] {
    if (++turns < 100) deadlines.Add(MonoNow(), again);
  };
  deadlines.Add(now, again);
  deadlines.Add(now + Millis(4), [&loop] { loop.Stop(); });
  loop.Run();
  CHECK(order == "ac");
  CHECK(turns > 1);
}

}  // namespace
}  // namespace foster
