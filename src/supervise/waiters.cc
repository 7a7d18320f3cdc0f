// SPDX-License-Identifier: MIT
#include "supervise/waiters.h"

#include <algorithm>

#include "sys/clock.h"

namespace foster {
namespace {

// What cannot say when it is ready counts as up once it has lived this long: a run script with a slip in it
// is gone by then, and whoever asked is to hear of that.
constexpr Millis kSettles{100};
// The answer about a service that failed carries its last lines; logd gets this long to take them from the
// pipe.
constexpr Millis kLastWords{50};

// How much longer a service that runs has to live before it counts as up; 0 = it does.
Millis StillSettling(const ServiceRecord& record, const ServiceSpec& spec) {
  bool proves_itself = spec.readiness.notify_fd >= 0 || spec.readiness.start_time >= kSettles;
  if (record.state != State::kRunning || proves_itself) return Millis{0};
  return std::max(Millis{0}, record.running_since + kSettles - MonoNow());
}

}  // namespace

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
  Millis more = waiter.verb == Verb::kDown
                    ? Millis{0}
                    : StillSettling(driver_.engine().record(id), driver_.engine().spec(id));
  if (judgement.verdict == VerbVerdict::kOk && more > Millis{0}) {
    timers_.In(more, [this, name = item->name] { Changed(name); });
    return;
  }
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
  bool is_well =
      std::all_of(done.items.begin(), done.items.end(), [](const WaitItem& item) { return item.ok; });
  if (is_well) {
    done.done(done.items, false);
  } else {
    timers_.In(kLastWords, [done = std::move(done)] { done.done(done.items, false); });
  }
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
