// SPDX-License-Identifier: MIT
// Cron lines: text -> CronFields, and the next calendar time that fields match. Pure: no clock and no time
// zone (src/sys/time_zone.h turns calendar times into moments). Not: deciding what happens then (the core).
// Called by: formats and model checks (ParseCron, NeverFires), supervise (NextMatch). Invariant: what
// ParseCron accepts matches exactly what is written; what it does not know is an error, never passed over.
#pragma once

#include <compare>
#include <optional>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "foster/schedule.h"

namespace foster {

// A moment as calendars and clocks on the wall say it, in whatever zone.
struct CivilTime {
  int year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
  int hour = 0;
  int minute = 0;
  int second = 0;
  auto operator<=>(const CivilTime&) const = default;
};

// Five fields (minute, hour, day, month, weekday) or six (second first); each a list of values, ranges "a-b"
// and steps "*/n", "a-b/n", "a/n" (from a to the end). "?" is "*". Months and weekdays also by name (jan,
// sun), in any case; 7 is Sunday too. Or @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly.
// "*/n" with n over 1 counts as restricting (CronFields::day_is_any).
Result<CronFields> ParseCron(std::string_view text);

// "TZ=Europe/Berlin 0 3 * * *" (also CRON_TZ=): the zone, and the rest of the line. No zone: "" and `text`.
std::pair<std::string_view, std::string_view> SplitCronZone(std::string_view text);

// The first time after `after` that `fields` match; nullopt if there is none within eight years (the longest
// way from one 29 February to the next), which is never.
std::optional<CivilTime> NextMatch(const CronFields& fields, const CivilTime& after);
bool NeverFires(const CronFields& fields);  // "0 0 30 2 *"

}  // namespace foster
