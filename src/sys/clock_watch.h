// SPDX-License-Identifier: MIT
// ClockWatch: tells when the wall clock was set. Not: when time passes. Called by: supervise/scheduler.h.
// Invariant: it wakes nobody unless the clock was set (a resume from suspend counts as that); where the
// kernel cannot tell, nothing is told.
#pragma once

#include <functional>

#include "base/unique_fd.h"
#include "sys/loop.h"

namespace foster {

class ClockWatch {
 public:
  explicit ClockWatch(Loop& loop) : loop_(loop) {}
  ~ClockWatch();
  // From the first call on.
  void Start(std::function<void()> was_set);

 private:
  void Arm();

  Loop& loop_;
  UniqueFd timer_;
  std::function<void()> was_set_;
};

}  // namespace foster
