// SPDX-License-Identifier: MIT
#include "gateway/time_text.h"

#include <fmt/format.h>

#include <ctime>

namespace foster {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

// `digits` digits at text[at], -1 when they are not there.
int Number(std::string_view text, std::size_t at, std::size_t digits) {
  if (text.size() < at + digits) return -1;
  int value = 0;
  for (char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "2m3s", or "2m" when the smaller part is zero.
std::string TwoParts(std::int64_t large, const char* large_unit, std::int64_t small, const char* small_unit) {
  std::string text = fmt::format("{}{}", large, large_unit);
  return small > 0 ? text + fmt::format("{}{}", small, small_unit) : text;
}

}  // namespace

std::int64_t EpochMillis(std::string_view rfc3339) {
  std::tm parts{};
  parts.tm_year = Number(rfc3339, 0, 4) - 1900;
  parts.tm_mon = Number(rfc3339, 5, 2) - 1;
  parts.tm_mday = Number(rfc3339, 8, 2);
  parts.tm_hour = Number(rfc3339, 11, 2);
  parts.tm_min = Number(rfc3339, 14, 2);
  parts.tm_sec = Number(rfc3339, 17, 2);
  if (parts.tm_year < 0 || parts.tm_mon < 0 || parts.tm_mday < 1 || parts.tm_hour < 0 || parts.tm_min < 0 ||
      parts.tm_sec < 0)
    return 0;
  int millis = rfc3339.substr(19).starts_with('.') ? Number(rfc3339, 20, 3) : 0;
  return static_cast<std::int64_t>(::timegm(&parts)) * 1000 + (millis > 0 ? millis : 0);
}

std::string TimedeltaText(std::int64_t seconds) {
  if (seconds < 0) seconds = 0;
  std::int64_t days = seconds / kDay;
  seconds %= kDay;
  std::string text =
      fmt::format("{}:{:02}:{:02}", seconds / kHour, seconds % kHour / kMinute, seconds % kMinute);
  if (days == 0) return text;
  return fmt::format("{} day{}, {}", days, days == 1 ? "" : "s", text);
}

std::string LocalTimeText(std::int64_t epoch_seconds, const char* format) {
  std::time_t time = epoch_seconds;
  std::tm parts{};
  if (!::localtime_r(&time, &parts)) return "";
  char text[80];
  return std::string(text, std::strftime(text, sizeof text, format, &parts));
}

std::string LogTimeText(std::int64_t epoch_millis) {
  return LocalTimeText(epoch_millis / 1000, "%Y-%m-%d %H:%M:%S") + fmt::format(",{:03}", epoch_millis % 1000);
}

std::string HumanDuration(std::int64_t seconds) {
  if (seconds < 0) seconds = 0;
  if (seconds < 2 * kMinute) return fmt::format("{}s", seconds);
  if (seconds < 10 * kMinute) return TwoParts(seconds / kMinute, "m", seconds % kMinute, "s");
  if (seconds < 3 * kHour) return fmt::format("{}m", seconds / kMinute);
  if (seconds < 8 * kHour) return TwoParts(seconds / kHour, "h", seconds % kHour / kMinute, "m");
  if (seconds < 2 * kDay) return fmt::format("{}h", seconds / kHour);
  if (seconds < 8 * kDay) return TwoParts(seconds / kDay, "d", seconds % kDay / kHour, "h");
  return fmt::format("{}d", seconds / kDay);
}

}  // namespace foster
