// SPDX-License-Identifier: MIT
// Moments as people write them for --since and --until, and as they read them in front of lines. Not: cron or
// durations of configs. Called by: log_query, log_printer. Invariants: pure, but for the zone; a text that is
// not understood wholly is an error that names the forms.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "foster/time.h"
#include "sys/time_zone.h"

namespace foster::cli {

// "2026-11-21T07:32:35.5Z" (without a zone: local; the time or its seconds may be missing), "10m", "2h30m",
// "1d ago", "14:05" (the latest one), "yesterday 14:05", "today", "now", "@1700000000.25".
Result<WallNanos> ParseMoment(std::string_view text, WallNanos now, const TimeZone& zone);

enum class TimeFormat { kIso, kLocal, kRelative, kMono };
// kLocal: "11-21 08:32:35.863"; kRelative: "2m03s ago", kMono: seconds since the machine booted. What is not
// known (0) is as wide as what is, of spaces.
std::string ShowTime(TimeFormat format, WallNanos wall, std::int64_t mono, WallNanos now,
                     const TimeZone& zone);

}  // namespace foster::cli
