// SPDX-License-Identifier: MIT
#include "sys/clock_watch.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

namespace foster {

ClockWatch::~ClockWatch() {
  if (timer_) loop_.Unwatch(timer_.get());
}

void ClockWatch::Start(std::function<void()> was_set) {
  if (timer_) return;
  was_set_ = std::move(was_set);
  timer_ = UniqueFd(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer_) return;
  Arm();
  auto watched = loop_.Watch(timer_.get(), kReadable, [this](unsigned) {
    std::uint64_t count;
    (void)!read(timer_.get(), &count, sizeof count);  // ECANCELED: the clock was set
    Arm();
    was_set_();
  });
  if (!watched.ok()) timer_.Reset();
}

// A time that never comes.
void ClockWatch::Arm() {
  itimerspec never{};
  never.it_value.tv_sec = std::int64_t{1} << 40;
  if (timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) != 0)
    (void)timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &never, nullptr);
}

}  // namespace foster
