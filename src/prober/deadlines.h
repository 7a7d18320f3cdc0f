// SPDX-License-Identifier: MIT
// Deadlines: any number of points in time on the loop's one timer. Not: a clock. Called by: src/prober.
// Invariants: each callback runs once, or never if removed; what a callback adds for "now" runs in a later
// turn of the loop, so fds get theirs in between.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "foster/time.h"
#include "sys/loop.h"

namespace foster {

class Deadlines {
 public:
  using Key = std::pair<MonoTime, std::uint64_t>;

  explicit Deadlines(Loop& loop) : loop_(loop) {}
  // kNoDeadline never comes.
  Key Add(MonoTime when, std::function<void()> callback);
  void Remove(const Key& key);  // one that has run or was never added is nothing

 private:
  void Arm();
  void OnTimer();

  Loop& loop_;
  std::map<Key, std::function<void()>> entries_;
  std::uint64_t next_ = 1;
};

}  // namespace foster
