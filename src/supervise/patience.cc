// SPDX-License-Identifier: MIT
#include "supervise/patience.h"

#include "sys/clock.h"

namespace foster {

void Patience::Begin(Millis span, std::function<void()> out) {
  End();
  span_ = span;
  leaves_ = kMaxLeaves;
  out_ = std::move(out);
  Arm();
}

void Patience::End() {
  timers_.Cancel(timer_);
  timer_ = 0;
}

void Patience::Arm() {
  when_ = After(MonoNow(), span_);
  timer_ = timers_.At(when_, [this] {
    timer_ = 0;
    if (MonoNow() - when_ > kStoodStill && leaves_-- > 0) {
      Arm();
      return;
    }
    auto out = std::move(out_);  // it may end us
    out();
  });
}

}  // namespace foster
