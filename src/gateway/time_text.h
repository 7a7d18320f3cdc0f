// SPDX-License-Identifier: MIT
// Times as the two tools print them. Pure but for the time zone. Called by: process_info.cc,
// process_state.cc, main_log.cc, web_page.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace foster {

// RFC 3339 in UTC ("2026-11-21T08:00:00.123Z") -> milliseconds since 1970; 0 when it is none.
std::int64_t EpochMillis(std::string_view rfc3339);

// As Python prints a timedelta: "0:00:05", "1 day, 2:03:04".
std::string TimedeltaText(std::int64_t seconds);
// Local time as strftime prints it with `format`.
std::string LocalTimeText(std::int64_t epoch_seconds, const char* format);
// "2026-11-21 08:00:00,123", local: the start of a line of supervisord's log.
std::string LogTimeText(std::int64_t epoch_millis);
// As process-compose prints an age: "5s", "2m3s", "5m", "3h2m", "2d4h".
std::string HumanDuration(std::int64_t seconds);

}  // namespace foster
