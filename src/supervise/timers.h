// SPDX-License-Identifier: MIT
// Timers: any number of points in time on the loop's one timer. Not: the epochs of services (the core's), nor
// noticing that the machine stood still (clock_gap.h). Called by: every part of supervise. Invariants: a
// cancelled timer never fires; firing removes it first; while one is pending that judges, the loop wakes at
// least every kTick, so that a gap is noticed before anything is held against anybody; with none pending
// nothing wakes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

#include "sys/loop.h"

namespace foster {

// What becomes of a timer when the machine stood still.
enum class Tie : std::uint8_t {
  kMoves,   // it moves by the gap
  kEngine,  // the engine arms it anew (Engine::MoveTime)
  kClock,   // it stays: a schedule. It judges nobody
};

class Timers {
 public:
  using Id = std::uint64_t;  // 0 = none
  explicit Timers(Loop& loop) : loop_(loop) {}

  Id At(MonoTime when, std::function<void()> fire, Tie tie = Tie::kMoves);
  Id In(Millis delay, std::function<void()> fire);
  void Cancel(Id id);

  // Some pending timer judges: looks come at least every kTick.
  bool ticking() const { return judging_ > 0; }
  void Move(Millis gap);

 private:
  struct Entry {
    MonoTime when{};
    Tie tie = Tie::kMoves;
  };
  using Queue = std::map<std::pair<MonoTime, Id>, std::function<void()>>;
  std::function<void()> Take(Queue::iterator place);
  void Arm();
  void Fire();

  Loop& loop_;
  Queue queue_;
  std::unordered_map<Id, Entry> entries_;
  std::size_t judging_ = 0;
  MonoTime tick_ = kNoDeadline;
  MonoTime armed_ = kNoDeadline;
  Id next_ = 1;
};

}  // namespace foster
