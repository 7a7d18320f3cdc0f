// SPDX-License-Identifier: MIT
// Patience: a limit on an answer that does not hold the time in which the machine stood still (a paused
// container, a laptop asleep, everything stopped) against whoever was to answer: a limit that is noticed much
// too late starts again. Not: the deadlines of services (the core's MoveTime). Called by: exec probes, prober
// link. Invariants: `out` runs at most once, never after End(); it starts again at most kMaxLeaves times.
#pragma once

#include <functional>

#include "supervise/timers.h"

namespace foster {

class Patience {
 public:
  explicit Patience(Timers& timers) : timers_(timers) {}
  ~Patience() { End(); }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

  void Begin(Millis span, std::function<void()> out);
  void End();

 private:
  static constexpr Millis kStoodStill{400};
  static constexpr int kMaxLeaves = 5;
  void Arm();

  Timers& timers_;
  Timers::Id timer_ = 0;
  MonoTime when_{};
  Millis span_{0};
  int leaves_ = 0;
  std::function<void()> out_;
};

}  // namespace foster
