// SPDX-License-Identifier: MIT
#include "supervise/next_due.h"

#include "sys/clock.h"

namespace foster {
namespace {

constexpr WallNanos kSecond = 1'000'000'000;
constexpr std::uint32_t kEveryHour = (1u << 24) - 1;
constexpr int kMostSteps = 4000;  // matches of one repeated hour

// As if the offset never changed.
std::optional<std::int64_t> NextAtOffset(const CronFields& fields, std::int64_t offset, std::int64_t after) {
  auto civil = NextMatch(fields, CivilOfUtc(after + offset));
  if (!civil) return std::nullopt;
  return SecondsOfUtc(*civil) - offset;
}

// By wall clock times: each once.
std::optional<std::int64_t> NextByWallClock(const CronFields& fields, const TimeZone& zone,
                                            std::int64_t after) {
  auto civil = NextMatch(fields, zone.CivilAt(after));
  for (int step = 0; civil && step < kMostSteps; ++step) {
    std::int64_t when = zone.SecondsOf(*civil);
    if (when > after) return when;
    civil = NextMatch(fields, *civil);
  }
  return std::nullopt;
}

std::optional<std::int64_t> NextByHours(const CronFields& fields, const TimeZone& zone, std::int64_t after) {
  std::int64_t offset = zone.OffsetAt(after);
  auto when = NextAtOffset(fields, offset, after);
  if (!when || zone.OffsetAt(*when) == offset) return when;
  std::int64_t change = zone.ChangeBetween(after, *when);
  if (zone.OffsetAt(change) > offset) return NextByWallClock(fields, zone, after);  // an hour is left out
  return NextAtOffset(fields, zone.OffsetAt(change), change - 1);
}

std::string SpanText(Millis span) {
  std::int64_t ms = span.count();
  if (ms % 1000 != 0) return std::to_string(ms) + "ms";
  std::int64_t seconds = ms / 1000;
  if (seconds % 3600 == 0) return std::to_string(seconds / 3600) + "h";
  if (seconds % 60 == 0) return std::to_string(seconds / 60) + "m";
  return std::to_string(seconds) + "s";
}

}  // namespace

std::optional<WallNanos> NextDue(const Schedule& schedule, const TimeZone& zone, WallNanos after) {
  if (schedule.kind == ScheduleKind::kOnce)
    return schedule.at > after ? std::optional(schedule.at) : std::nullopt;
  if (schedule.kind != ScheduleKind::kCron) return std::nullopt;
  std::int64_t seconds = after / kSecond;
  bool is_every_hour = schedule.fields.hour == kEveryHour;
  auto when = is_every_hour ? NextByHours(schedule.fields, zone, seconds)
                            : NextByWallClock(schedule.fields, zone, seconds);
  if (!when) return std::nullopt;
  return *when * kSecond;
}

std::string ScheduleText(const Schedule& schedule) {
  switch (schedule.kind) {
    case ScheduleKind::kNone:
      return "";
    case ScheduleKind::kCron:
      return schedule.timezone.empty() ? schedule.cron : schedule.cron + " " + schedule.timezone;
    case ScheduleKind::kInterval:
      return "every " + SpanText(schedule.interval);
    case ScheduleKind::kOnce:
      return ToRfc3339(schedule.at);
  }
  return "";
}

}  // namespace foster
