// SPDX-License-Identifier: MIT
// StallClock: has foster's stdout stood still for 5 s although there was something to take?
// Not: a timer (the loop asks for the deadline and calls again). Called by: the logd loop. Invariant: pure;
// without a backlog there is no deadline and nothing is stalled.
#pragma once

#include <cstdint>

#include "foster/time.h"

namespace foster {

inline constexpr Millis kStallAfter{5000};

class StallClock {
 public:
  // What was taken so far, and up to where there is something to take.
  void Observe(MonoTime now, std::uint64_t sent, std::uint64_t end) {
    if (sent == end || sent != sent_ || !has_backlog_) {
      moved_at_ = now;
      is_stalled_ = false;
    }
    sent_ = sent;
    has_backlog_ = sent != end;
    if (has_backlog_ && now - moved_at_ >= kStallAfter) is_stalled_ = true;
  }
  bool is_stalled() const { return is_stalled_; }
  // What Observe was told last.
  std::uint64_t sent() const { return sent_; }
  // For how long there has been a backlog of which nothing was taken.
  Millis StillFor(MonoTime now) const { return has_backlog_ ? now - moved_at_ : Millis{0}; }
  MonoTime Deadline() const { return has_backlog_ && !is_stalled_ ? moved_at_ + kStallAfter : kNoDeadline; }

 private:
  MonoTime moved_at_{};
  std::uint64_t sent_ = 0;
  bool has_backlog_ = false;
  bool is_stalled_ = false;
};

}  // namespace foster
