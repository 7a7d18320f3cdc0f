// SPDX-License-Identifier: MIT
// NextDue: a schedule and a moment -> the wall time at which it is due next. Not: waiting (scheduler.h),
// intervals (they are counted on the monotonic clock). Called by: Scheduler. Pure but for the files of time
// zones. A cron line that fires in every hour goes by the time that passes when clocks are set back; any
// other fires once for a wall clock time that comes twice.
#pragma once

#include <optional>

#include "foster/schedule.h"
#include "sys/time_zone.h"

namespace foster {

// The first time after `after`; nullopt = never again.
std::optional<WallNanos> NextDue(const Schedule& schedule, const TimeZone& zone, WallNanos after);

// "*/5 * * * *", "@daily Europe/Berlin", "every 30s", "2026-12-24T18:00:00.000Z"; "" = no schedule.
std::string ScheduleText(const Schedule& schedule);

}  // namespace foster
