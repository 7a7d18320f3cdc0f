// SPDX-License-Identifier: MIT
#include "supervise/waiters.h"

#include <algorithm>

namespace foster {

void Waiters::Add(std::uint64_t owner, Verb verb, std::vector<WaitItem> items, Millis limit, Done done) {
  waiters_.push_back({owner, verb, std::move(items), 0, std::move(done)});
  auto waiter = std::prev(waiters_.end());
  for (WaitItem& item : waiter->items) Look(*waiter, &item);
  if (EndIfDone(waiter) || limit == kForever) return;
  waiter->timer = timers_.In(limit, [this, waiter] {
    Waiter expired = std::move(*waiter);
    waiters_.erase(waiter);
    expired.done(expired.items, true);
  });
}

void Waiters::Look(const Waiter& waiter, WaitItem* item) {
  if (item->decided) return;
  ServiceId id = driver_.engine().Find(item->name);
  if (id == kNoService) {
    item->decided = true;
    item->ok = waiter.verb == Verb::kDown;
    item->error = item->ok ? "" : "it was removed by a reload";
    return;
  }
  Judgement judgement =
      Judge(waiter.verb, item->incarnation_before, driver_.engine().record(id), driver_.engine().spec(id));
  if (judgement.verdict == VerbVerdict::kPending) return;
  item->decided = true;
  item->ok = judgement.verdict == VerbVerdict::kOk;
  item->error = judgement.error;
}

bool Waiters::EndIfDone(std::list<Waiter>::iterator waiter) {
  if (!std::all_of(waiter->items.begin(), waiter->items.end(),
                   [](const WaitItem& item) { return item.decided; }))
    return false;
  Waiter done = std::move(*waiter);
  waiters_.erase(waiter);
  timers_.Cancel(done.timer);
  done.done(done.items, false);
  return true;
}

void Waiters::Changed(const std::string& name) {
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    auto next = std::next(waiter);
    bool concerned = false;
    for (WaitItem& item : waiter->items) {
      if (item.name != name || item.decided) continue;
      Look(*waiter, &item);
      concerned = true;
    }
    if (concerned) EndIfDone(waiter);
    waiter = next;
  }
}

void Waiters::Drop(std::uint64_t owner) {
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    if (waiter->owner != owner) {
      ++waiter;
      continue;
    }
    timers_.Cancel(waiter->timer);
    waiter = waiters_.erase(waiter);
  }
}

}  // namespace foster
