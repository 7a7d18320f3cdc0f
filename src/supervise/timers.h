// SPDX-License-Identifier: MIT
// Timers: any number of points in time on the loop's one timer. Not: the epochs of services (the core's).
// Called by: every part of supervise. Invariant: a cancelled timer never fires; firing removes it first.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

#include "sys/loop.h"

namespace foster {

class Timers {
 public:
  using Id = std::uint64_t;  // 0 = none
  explicit Timers(Loop& loop) : loop_(loop) {}

  Id At(MonoTime when, std::function<void()> fire);
  Id In(Millis delay, std::function<void()> fire);
  void Cancel(Id id);

 private:
  void Arm();
  void Fire();

  Loop& loop_;
  std::map<std::pair<MonoTime, Id>, std::function<void()>> queue_;
  std::unordered_map<Id, MonoTime> when_;
  MonoTime armed_ = kNoDeadline;
  Id next_ = 1;
};

}  // namespace foster
