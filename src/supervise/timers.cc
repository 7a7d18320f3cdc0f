// SPDX-License-Identifier: MIT
#include "supervise/timers.h"

#include <algorithm>
#include <vector>

#include "supervise/clock_gap.h"
#include "sys/clock.h"

namespace foster {

Timers::Id Timers::At(MonoTime when, std::function<void()> fire, Tie tie) {
  Id id = next_++;
  queue_.emplace(std::pair(when, id), std::move(fire));
  entries_[id] = {when, tie};
  if (tie != Tie::kClock && when != kNoDeadline) ++judging_;
  Arm();
  return id;
}

Timers::Id Timers::In(Millis delay, std::function<void()> fire) {
  return At(After(MonoNow(), delay), std::move(fire));
}

void Timers::Cancel(Id id) {
  auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Take(queue_.find({found->second.when, id}));
  Arm();
}

std::function<void()> Timers::Take(Queue::iterator place) {
  auto fire = std::move(place->second);
  auto entry = entries_.find(place->first.second);
  if (entry->second.tie != Tie::kClock && entry->second.when != kNoDeadline) --judging_;
  entries_.erase(entry);
  queue_.erase(place);
  return fire;
}

void Timers::Move(Millis gap) {
  Queue moved;
  for (auto& [key, fire] : queue_) {
    Entry& entry = entries_[key.second];
    if (entry.tie == Tie::kMoves && entry.when != kNoDeadline) entry.when += gap;
    moved.emplace(std::pair(entry.when, key.second), std::move(fire));
  }
  queue_ = std::move(moved);
  Arm();
}

void Timers::Arm() {
  if (judging_ == 0) tick_ = kNoDeadline;
  if (judging_ > 0 && tick_ == kNoDeadline) tick_ = MonoNow() + kTick;
  MonoTime first = queue_.empty() ? kNoDeadline : queue_.begin()->first.first;
  first = std::min(first, tick_);
  if (first == armed_) return;
  armed_ = first;
  loop_.SetTimer(first, [this] { Fire(); });
}

void Timers::Fire() {
  armed_ = kNoDeadline;
  MonoTime now = MonoNow();
  if (tick_ <= now) tick_ = kNoDeadline;
  while (!queue_.empty() && queue_.begin()->first.first <= now) Take(queue_.begin())();
  Arm();
}

}  // namespace foster
