// SPDX-License-Identifier: MIT
#include "supervise/scheduler.h"

#include <algorithm>

#include "supervise/next_due.h"
#include "sys/clock.h"

namespace foster {
namespace {

constexpr WallNanos kMilli = 1'000'000;
constexpr WallNanos kLittleBack = 60'000 * kMilli;  // set back by less, the clock passes no time twice

// Never before `wall`: the monotonic clock is read in whole milliseconds.
MonoTime DeadlineAt(WallNanos wall) {
  WallNanos left = std::max<WallNanos>(0, wall - WallNow());
  return After(MonoNow(), Millis((left + kMilli - 1) / kMilli + 1));
}

}  // namespace

void Scheduler::Ask(const Effect& effect, const std::string& name) {
  if (!driver_.engine().Exists(effect.service)) return;
  watch_.Start([this] { ComputeAnew(); });
  const ServiceSpec& spec = driver_.engine().spec(effect.service);
  Answer(effect.service, name, Next(spec, dues_[name]));
}

void Scheduler::Answer(ServiceId id, const std::string& name, Due due) {
  dues_[name] = due;
  Event event{};
  event.kind = EventKind::kNextDue;
  event.service = id;
  event.epoch = TimerOf(driver_.engine().record(id), TimerKind::kSchedule).epoch;
  event.deadline = due.deadline;
  driver_.Post(event);
}

Scheduler::Due Scheduler::Next(const ServiceSpec& spec, const Due& before) {
  if (spec.schedule.kind != ScheduleKind::kInterval) return NextByCalendar(spec, before);
  MonoTime now = MonoNow();
  Millis interval = std::max(spec.schedule.interval, Millis(1));
  bool is_known = before.deadline != kNoDeadline && before.deadline <= now;
  MonoTime begin = is_known ? before.deadline : now;
  MonoTime next = begin + ((now - begin) / interval + 1) * interval;
  return {WallNow() + (next - now).count() * kMilli, next};
}

Scheduler::Due Scheduler::NextByCalendar(const ServiceSpec& spec, const Due& before) {
  auto zone = TimeZone::Open(spec.schedule.timezone);
  if (!zone.ok()) {
    voice_.Say(spec.name + ": never due: " + zone.error().message());
    return {};
  }
  WallNanos after = WallNow();
  if (before.wall > after && before.wall - after < kLittleBack && before.deadline <= MonoNow())
    after = before.wall;  // it was due, and the clock has been set back since
  auto next = NextDue(spec.schedule, *zone, after);
  if (!next) return {};
  return {*next, DeadlineAt(*next)};
}

void Scheduler::Resume() {
  const Engine& engine = driver_.engine();
  MonoTime now = MonoNow();
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id) || engine.spec(id).schedule.kind == ScheduleKind::kNone) continue;
    MonoTime deadline = TimerOf(engine.record(id), TimerKind::kSchedule).deadline;
    if (deadline == kNoDeadline) continue;
    dues_[engine.spec(id).name] = {WallNow() + (deadline - now).count() * kMilli, deadline};
    watch_.Start([this] { ComputeAnew(); });
  }
}

void Scheduler::ComputeAnew() {
  const Engine& engine = driver_.engine();
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id)) continue;
    const ServiceSpec& spec = engine.spec(id);
    bool is_calendar = spec.schedule.kind == ScheduleKind::kCron || spec.schedule.kind == ScheduleKind::kOnce;
    if (!is_calendar || TimerOf(engine.record(id), TimerKind::kSchedule).deadline == kNoDeadline) continue;
    Due before = dues_[spec.name];
    bool was_passed = before.wall != 0 && before.wall <= WallNow();
    Answer(id, spec.name, was_passed ? Due{before.wall, MonoNow()} : NextByCalendar(spec, {}));
  }
}

void Scheduler::Changed(ServiceId id) {
  if (driver_.engine().record(id).goal != Goal::kUp) dues_.erase(driver_.NameOf(id));
}

WallNanos Scheduler::NextDueOf(const std::string& name) const {
  auto found = dues_.find(name);
  return found == dues_.end() ? 0 : found->second.wall;
}

}  // namespace foster
