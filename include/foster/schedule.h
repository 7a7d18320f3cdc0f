// SPDX-License-Identifier: MIT
// Schedule: when a service is started by the clock. Plain values with ==. Not: the clock
// (supervise/scheduler.h computes when it is due, model/cron.h the next match) nor what happens when it is
// due (the core). Invariant: a scheduled service with goal up and nothing running is Waiting for its next
// time (CauseKind::kSchedule).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foster/time.h"

namespace foster {

enum class ScheduleKind : std::uint8_t {
  kNone,
  kCron,      // `cron`, in `timezone`
  kInterval,  // every `interval`, counted from the time before (the first: from when the goal went up)
  kOnce,      // at `at`, one time; in the past: never again
};

// What happens when it is due and the last run has not ended.
enum class Overlap : std::uint8_t {
  kSkip,     // this time is left out, and counted as missed
  kQueue,    // one more run follows right after; more than one is not kept
  kReplace,  // the running one is stopped, then the new one starts
};

// Which values of each field match, one bit per value. Made by ParseCron (model/cron.h).
struct CronFields {
  std::uint64_t second = 1;   // 0..59
  std::uint64_t minute = 0;   // 0..59
  std::uint32_t hour = 0;     // 0..23
  std::uint32_t day = 0;      // 1..31
  std::uint32_t month = 0;    // 1..12
  std::uint32_t weekday = 0;  // 0..6, 0 = Sunday
  bool day_is_any = true;     // "*": then only weekday counts, and the other way round; both set: either
  bool weekday_is_any = true;
  bool operator==(const CronFields&) const = default;
};

struct Schedule {
  ScheduleKind kind = ScheduleKind::kNone;
  std::string cron;  // as written: "*/5 * * * *", "30 */5 * * * *" (seconds first), "@daily"
  CronFields fields;
  std::string timezone;  // IANA name; empty = the container's own (TZ, /etc/localtime)
  Millis interval{0};
  WallNanos at = 0;  // kOnce
  Overlap overlap = Overlap::kSkip;
  bool run_on_start = false;  // also as soon as the goal goes up
  bool operator==(const Schedule&) const = default;
};

std::string_view NameOf(ScheduleKind kind);  // "none", "cron", "interval", "once"
std::string_view NameOf(Overlap overlap);    // "skip", "queue", "replace"
std::optional<ScheduleKind> ScheduleKindFromName(std::string_view name);
std::optional<Overlap> OverlapFromName(std::string_view name);

}  // namespace foster
