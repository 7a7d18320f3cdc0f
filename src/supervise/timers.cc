// SPDX-License-Identifier: MIT
#include "supervise/timers.h"

#include "sys/clock.h"

namespace foster {

Timers::Id Timers::At(MonoTime when, std::function<void()> fire) {
  Id id = next_++;
  queue_.emplace(std::pair(when, id), std::move(fire));
  when_[id] = when;
  Arm();
  return id;
}

Timers::Id Timers::In(Millis delay, std::function<void()> fire) {
  return At(After(MonoNow(), delay), std::move(fire));
}

void Timers::Cancel(Id id) {
  auto found = when_.find(id);
  if (found == when_.end()) return;
  queue_.erase({found->second, id});
  when_.erase(found);
  Arm();
}

void Timers::Arm() {
  MonoTime first = queue_.empty() ? kNoDeadline : queue_.begin()->first.first;
  if (first == armed_) return;
  armed_ = first;
  loop_.SetTimer(first, [this] { Fire(); });
}

void Timers::Fire() {
  armed_ = kNoDeadline;
  MonoTime now = MonoNow();
  while (!queue_.empty() && queue_.begin()->first.first <= now) {
    auto fire = std::move(queue_.begin()->second);
    when_.erase(queue_.begin()->first.second);
    queue_.erase(queue_.begin());
    fire();
  }
  Arm();
}

}  // namespace foster
