// SPDX-License-Identifier: MIT
#include "prober/deadlines.h"

#include "sys/clock.h"

namespace foster {

Deadlines::Key Deadlines::Add(MonoTime when, std::function<void()> callback) {
  const Key key{when, next_++};
  if (when == kNoDeadline) return key;
  entries_.emplace(key, std::move(callback));
  if (entries_.begin()->first == key) Arm();
  return key;
}

void Deadlines::Remove(const Key& key) { entries_.erase(key); }

void Deadlines::Arm() {
  const MonoTime when = entries_.empty() ? kNoDeadline : entries_.begin()->first.first;
  loop_.SetTimer(when, [this] { OnTimer(); });
}

void Deadlines::OnTimer() {
  const MonoTime now = MonoNow();
  const std::uint64_t newest = next_;
  for (auto next = entries_.begin(); next != entries_.end() && next->first.first <= now;
       next = entries_.begin()) {
    if (next->first.second >= newest) break;
    auto callback = std::move(next->second);
    entries_.erase(next);
    callback();
  }
  Arm();
}

}  // namespace foster
