// SPDX-License-Identifier: MIT
#include "cli/log_time.h"

#include <fmt/format.h>

#include <optional>

#include "base/ascii.h"
#include "cli/duration.h"

namespace foster::cli {
namespace {

constexpr std::int64_t kNanos = 1'000'000'000;
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kMostNanos = INT64_MAX / 4;  // 73 years
constexpr std::int64_t kLastYear = 2261;            // the last whole one that a WallNanos can hold
constexpr std::int64_t kMostUnits = 1'000'000'000;

// Takes a text apart from its front; every Take leaves it untouched when it does not fit.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool empty() const { return rest_.empty(); }
  char front() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool Take(std::string_view word) {
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // `least` to `most` digits.
  std::optional<std::int64_t> Number(std::size_t least, std::size_t most) {
    std::size_t count = 0;
    std::int64_t value = 0;
    while (count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9')
      value = value * 10 + (rest_[count++] - '0');
    if (count < least) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }
  // ".25" as nanoseconds; more than nine digits are read and have no weight. 0 when there is none.
  std::optional<std::int64_t> Fraction() {
    if (front() != '.' && front() != ',') return 0;
    rest_.remove_prefix(1);
    std::int64_t value = 0;
    std::int64_t weight = kNanos;
    std::size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      weight /= 10;
      value += (rest_[count] - '0') * weight;
    }
    if (count == 0) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view rest_;
};

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::int64_t UnitNanos(Scanner* in) {
  // Longer names first: "ms" is no "m".
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"ms", 1'000'000},       {"us", 1'000},           {"sec", kNanos},          {"s", kNanos},
      {"min", 60 * kNanos},    {"m", 60 * kNanos},      {"hours", 3600 * kNanos}, {"hour", 3600 * kNanos},
      {"h", 3600 * kNanos},    {"days", kDay * kNanos}, {"day", kDay * kNanos},   {"d", kDay * kNanos},
      {"w", 7 * kDay * kNanos}};
  for (const auto& [name, nanos] : kUnits)
    if (in->Take(name)) return nanos;
  return 0;
}

// "2h30m", "1.5h", "90 min"
std::optional<std::int64_t> Duration(std::string_view text) {
  Scanner in(text);
  std::int64_t total = 0;
  while (!in.empty()) {
    auto whole = in.Number(1, 10);
    if (!whole || *whole > kMostUnits) return std::nullopt;
    auto fraction = in.Fraction();
    (void)in.Take(" ");  // it may be missing
    const std::int64_t unit = UnitNanos(&in);
    if (!fraction || unit == 0) return std::nullopt;
    std::int64_t nanos = 0;
    if (__builtin_mul_overflow(*whole, unit, &nanos)) return std::nullopt;
    nanos += static_cast<std::int64_t>(static_cast<double>(*fraction) / kNanos * static_cast<double>(unit));
    if (nanos > kMostNanos || total + nanos > kMostNanos) return std::nullopt;
    total += nanos;
    (void)in.Take(" ");
  }
  if (text.empty()) return std::nullopt;
  return total;
}

struct Clock {
  int hour = 0, minute = 0, second = 0;
  std::int64_t nanos = 0;
};

// "14:05", "14:05:06.25"
std::optional<Clock> TakeClock(Scanner* in) {
  Clock clock;
  auto hour = in->Number(1, 2);
  if (!hour || *hour > 23 || !in->Take(":")) return std::nullopt;
  auto minute = in->Number(2, 2);
  if (!minute || *minute > 59) return std::nullopt;
  clock.hour = static_cast<int>(*hour);
  clock.minute = static_cast<int>(*minute);
  if (!in->Take(":")) return clock;
  auto second = in->Number(2, 2);
  auto fraction = in->Fraction();
  if (!second || *second > 60 || !fraction) return std::nullopt;
  clock.second = static_cast<int>(std::min<std::int64_t>(*second, 59));  // a leap second is none here
  clock.nanos = *fraction;
  return clock;
}

WallNanos At(CivilTime day, const Clock& clock, const TimeZone& zone) {
  day.hour = clock.hour;
  day.minute = clock.minute;
  day.second = clock.second;
  return zone.SecondsOf(day) * kNanos + clock.nanos;
}

// The same clock time `days` before the day of `now`, whatever the clocks were changed by.
WallNanos OnDay(std::int64_t days, const Clock& clock, WallNanos now, const TimeZone& zone) {
  const CivilTime today = zone.CivilAt(now / kNanos);
  CivilTime noon{today.year, today.month, today.day, 12, 0, 0};
  const CivilTime then = CivilOfUtc(SecondsOfUtc(noon) - days * kDay);
  return At({then.year, then.month, then.day, 0, 0, 0}, clock, zone);
}

bool IsDay(const CivilTime& day) {
  return day.month >= 1 && day.month <= 12 && day.day >= 1 && CivilOfUtc(SecondsOfUtc(day)).day == day.day;
}

// "Z", "+01:00", "-0530"; nullopt: none of them.
std::optional<std::int64_t> TakeOffset(Scanner* in) {
  if (in->Take("Z") || in->Take("z")) return 0;
  const bool is_west = in->front() == '-';
  if (!in->Take("+") && !in->Take("-")) return std::nullopt;
  auto hours = in->Number(2, 2);
  (void)in->Take(":");  // it may be missing
  auto minutes = in->Number(2, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (*hours * 3600 + *minutes * 60) * (is_west ? -1 : 1);
}

std::optional<WallNanos> Date(std::string_view text, const TimeZone& zone) {
  Scanner in(text);
  auto year = in.Number(4, 4);
  if (!year || *year < 1970 || *year > kLastYear || !in.Take("-")) return std::nullopt;
  auto month = in.Number(2, 2);
  if (!month || !in.Take("-")) return std::nullopt;
  auto day = in.Number(2, 2);
  if (!day) return std::nullopt;
  const CivilTime civil{static_cast<int>(*year), static_cast<int>(*month), static_cast<int>(*day), 0, 0, 0};
  if (!IsDay(civil)) return std::nullopt;
  if (in.empty()) return At(civil, {}, zone);
  if (!in.Take("T") && !in.Take("t") && !in.Take(" ")) return std::nullopt;
  auto clock = TakeClock(&in);
  if (!clock) return std::nullopt;
  (void)in.Take(" ");  // "... +0100", as date(1) writes
  if (in.empty()) return At(civil, *clock, zone);
  auto offset = TakeOffset(&in);
  if (!offset || !in.empty()) return std::nullopt;
  const CivilTime utc{civil.year, civil.month, civil.day, clock->hour, clock->minute, clock->second};
  return (SecondsOfUtc(utc) - *offset) * kNanos + clock->nanos;
}

std::optional<WallNanos> Epoch(std::string_view text) {
  Scanner in(text);
  if (!in.Take("@")) return std::nullopt;
  auto seconds = in.Number(1, 12);
  auto fraction = in.Fraction();
  if (!seconds || *seconds > INT64_MAX / kNanos - 1 || !fraction || !in.empty()) return std::nullopt;
  return *seconds * kNanos + *fraction;
}

// "now", "today", "yesterday 14:05", "14:05"
std::optional<WallNanos> Word(std::string_view text, WallNanos now, const TimeZone& zone) {
  Scanner in(text);
  if (in.Take("now")) return in.empty() ? std::optional(now) : std::nullopt;
  std::optional<std::int64_t> days;
  if (in.Take("today")) days = 0;
  if (in.Take("yesterday")) days = 1;
  if (days && in.empty()) return OnDay(*days, {}, now, zone);
  if (days && !in.Take(" ")) return std::nullopt;
  auto clock = TakeClock(&in);
  if (!clock || !in.empty()) return std::nullopt;
  if (days) return OnDay(*days, *clock, now, zone);
  const WallNanos today = OnDay(0, *clock, now, zone);
  return today <= now ? today : OnDay(1, *clock, now, zone);
}

std::optional<WallNanos> Ago(std::string_view text, WallNanos now) {
  if (text.ends_with(" ago")) text.remove_suffix(4);
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  auto duration = Duration(Trim(text));
  if (!duration) return std::nullopt;
  return std::max<WallNanos>(now - *duration, 0);
}

std::string LocalTime(WallNanos wall, const TimeZone& zone) {
  const CivilTime t = zone.CivilAt(wall / kNanos);
  return fmt::format("{:02}-{:02} {:02}:{:02}:{:02}.{:03}", t.month, t.day, t.hour, t.minute, t.second,
                     wall / 1'000'000 % 1000);
}

std::string IsoTime(WallNanos wall) {
  const CivilTime t = CivilOfUtc(wall / kNanos);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", t.year, t.month, t.day, t.hour, t.minute,
                     t.second, wall / 1'000'000 % 1000);
}

std::string RelativeTime(WallNanos wall, WallNanos now) {
  const std::int64_t ms = (now - wall) / 1'000'000;
  return ms < 0 ? "in " + FormatAge(-ms) : FormatAge(ms) + " ago";
}

}  // namespace

Result<WallNanos> ParseMoment(std::string_view text, WallNanos now, const TimeZone& zone) {
  const std::string_view bare = Trim(text);
  if (auto moment = Epoch(bare)) return *moment;
  if (auto moment = Date(bare, zone)) return *moment;
  if (auto moment = Word(bare, now, zone)) return *moment;
  if (auto moment = Ago(bare, now)) return *moment;
  return Error("'" + std::string(text) +
               "' is no time: 10m, 2h30m, 14:05, 'yesterday 14:05', 2026-11-21T07:32:35Z or @1700000000");
}

std::string ShowTime(TimeFormat format, WallNanos wall, std::int64_t mono, WallNanos now,
                     const TimeZone& zone) {
  switch (format) {
    case TimeFormat::kIso:
      return wall > 0 ? IsoTime(wall) : std::string(24, ' ');
    case TimeFormat::kLocal:
      return wall > 0 ? LocalTime(wall, zone) : std::string(18, ' ');
    case TimeFormat::kRelative:
      return fmt::format("{:>10}", wall > 0 ? RelativeTime(wall, now) : "");
    case TimeFormat::kMono:
      return fmt::format("{:>14}",
                         mono > 0 ? fmt::format("{}.{:06}", mono / kNanos, mono / 1000 % 1'000'000) : "");
  }
  return "";
}

}  // namespace foster::cli
