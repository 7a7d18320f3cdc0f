// SPDX-License-Identifier: MIT
#include "logd/sink_thread.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <deque>

namespace foster {
namespace {

constexpr int kLimitMs = 60000;

// Counts its turns; each turn answers with what the test has put up.
class FakeSink : public Sink {
 public:
  std::string Group() const override { return "fake"; }
  bool CanBlock() const override { return true; }
  MonoTime Work(const Turn& turn) override {
    std::unique_lock<std::mutex> lock(mutex);
    ++turns;
    flushes += turn.flush ? 1 : 0;
    is_ending = turn.is_ending;
    writer = turn.writer;
    thread = SinkThread::Current();
    while (is_held) {
      lock.unlock();
      std::uint64_t count = 0;
      (void)!read(gate.get(), &count, sizeof(count));
      lock.lock();
    }
    if (delays.empty()) return kNoDeadline;
    const Millis delay = delays.front();
    delays.pop_front();
    return turn.now + delay;
  }
  void Release() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      is_held = false;
    }
    const std::uint64_t one = 1;
    (void)!write(gate.get(), &one, sizeof(one));
  }

  std::mutex mutex;
  int turns = 0;
  int flushes = 0;
  bool is_ending = false;
  bool is_held = false;
  std::uint32_t writer = 0;
  SinkThread* thread = nullptr;
  std::deque<Millis> delays;
  UniqueFd gate{eventfd(0, EFD_CLOEXEC)};
};

struct Bench {
  UniqueFd bell{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  // Its thread lives as long as the process.
  SinkThread& thread = *new SinkThread(7, bell.get());
  std::shared_ptr<FakeSink> sink = std::make_shared<FakeSink>();
  Bench() {
    thread.wants_progress().store(true);
    REQUIRE(thread.Start().ok());
  }
  ~Bench() {
    thread.wants_progress().store(false);
    thread.Remove(sink.get());
    (void)Until([this] { return thread.IsGone(sink.get()); });
    (void)bell.Release();  // the thread may just be about to ring
  }
  template <class Condition>
  bool Until(Condition condition) {
    for (;;) {
      if (condition()) return true;
      pollfd ring{bell.get(), POLLIN, 0};
      if (poll(&ring, 1, kLimitMs) != 1) return condition();
      std::uint64_t count = 0;
      (void)!read(bell.get(), &count, sizeof(count));
    }
  }
  int Turns() {
    std::lock_guard<std::mutex> lock(sink->mutex);
    return sink->turns;
  }
};

TEST_CASE("a sink works when it is added, when it is woken, and when it is due") {
  Bench bench;
  bench.sink->delays = {Millis(20), Millis(0)};
  bench.thread.Add(bench.sink);
  CHECK(bench.Until([&] { return bench.Turns() == 3; }));
  bench.thread.Wake(bench.sink.get(), true);
  CHECK(bench.Until([&] { return bench.Turns() == 4; }));
  std::lock_guard<std::mutex> lock(bench.sink->mutex);
  CHECK(bench.sink->flushes == 1);
  CHECK(bench.sink->writer == 7);
  CHECK(bench.sink->thread == &bench.thread);
  CHECK(SinkThread::Current() == nullptr);
}

TEST_CASE("a wake during a turn brings another one") {
  Bench bench;
  bench.sink->is_held = true;
  bench.thread.Add(bench.sink);
  while (bench.Turns() == 0) usleep(100);
  bench.thread.Wake(bench.sink.get());
  bench.thread.Wake(bench.sink.get());
  bench.sink->Release();
  CHECK(bench.Until([&] { return bench.Turns() == 2; }));
}

TEST_CASE("a rest is flushed again as long as the sink has more") {
  Bench bench;
  bench.thread.Add(bench.sink);
  REQUIRE(bench.Until([&] { return bench.Turns() == 1; }));
  {
    std::lock_guard<std::mutex> lock(bench.sink->mutex);
    bench.sink->delays = {Millis(0), Millis(0)};
  }
  bench.thread.Wake(bench.sink.get(), true);
  CHECK(bench.Until([&] { return bench.Turns() == 4; }));
  CHECK(bench.sink->flushes == 3);
}

TEST_CASE("a sink that hangs is gone only when its turn is over") {
  Bench bench;
  bench.sink->is_held = true;
  bench.thread.Add(bench.sink);
  while (bench.Turns() == 0) usleep(100);
  bench.thread.Remove(bench.sink.get());
  CHECK_FALSE(bench.thread.IsGone(bench.sink.get()));
  bench.sink->Release();
  CHECK(bench.Until([&] { return bench.thread.IsGone(bench.sink.get()); }));
  bench.thread.Wake(bench.sink.get());
  CHECK(bench.sink.use_count() == 1);
}

TEST_CASE("the end is told to all") {
  Bench bench;
  bench.thread.Add(bench.sink);
  REQUIRE(bench.Until([&] { return bench.Turns() == 1; }));
  bench.thread.SetEnding();
  CHECK(bench.Until([&] { return bench.Turns() == 2; }));
  CHECK(bench.sink->is_ending);
}

}  // namespace
}  // namespace foster
