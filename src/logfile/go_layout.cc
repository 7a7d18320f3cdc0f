// SPDX-License-Identifier: MIT
#include "logfile/go_layout.h"

#include <algorithm>
#include <array>

#include "logfile/time_stamp.h"

namespace foster {
namespace {

constexpr std::int64_t kNano = 1'000'000'000;

enum class Part : std::uint8_t {
  kNone,
  kMonthName,
  kMonthShort,
  kMonth,
  kMonth2,
  kDayName,
  kDayShort,
  kDay,
  kDaySpace,
  kDay2,
  kYearDaySpace,
  kYearDay3,
  kHour24,
  kHour,
  kHour2,
  kMinute,
  kMinute2,
  kSecond,
  kSecond2,
  kYear,
  kYear2,
  kUpperPm,
  kLowerPm,
  kZone,
  kFraction,
  kOffset,
  kOffsetColon,
  kOffsetHour,
  kOffsetSeconds,
  kOffsetColonSeconds,
  kZ,
  kZColon,
  kZHour,
  kZSeconds,
  kZColonSeconds,
};

struct Known {
  std::string_view text;
  Part part;
};

// A longer name stands before its own beginning.
constexpr Known kKnown[] = {{"January", Part::kMonthName},
                            {"Jan", Part::kMonthShort},
                            {"Monday", Part::kDayName},
                            {"Mon", Part::kDayShort},
                            {"MST", Part::kZone},
                            {"2006", Part::kYear},
                            {"__2", Part::kYearDaySpace},
                            {"_2", Part::kDaySpace},
                            {"002", Part::kYearDay3},
                            {"01", Part::kMonth2},
                            {"02", Part::kDay2},
                            {"03", Part::kHour2},
                            {"04", Part::kMinute2},
                            {"05", Part::kSecond2},
                            {"06", Part::kYear2},
                            {"15", Part::kHour24},
                            {"1", Part::kMonth},
                            {"2", Part::kDay},
                            {"3", Part::kHour},
                            {"4", Part::kMinute},
                            {"5", Part::kSecond},
                            {"PM", Part::kUpperPm},
                            {"pm", Part::kLowerPm},
                            {"-07:00:00", Part::kOffsetColonSeconds},
                            {"-070000", Part::kOffsetSeconds},
                            {"-07:00", Part::kOffsetColon},
                            {"-0700", Part::kOffset},
                            {"-07", Part::kOffsetHour},
                            {"Z07:00:00", Part::kZColonSeconds},
                            {"Z070000", Part::kZSeconds},
                            {"Z07:00", Part::kZColon},
                            {"Z0700", Part::kZ},
                            {"Z07", Part::kZHour}};

constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendDigits(int value, int digits, std::string* out) {
  char text[8];
  out->append(text, PutDigits(text, static_cast<std::uint64_t>(value), digits));
}

// At least `width` columns, filled with spaces.
void AppendPadded(int value, std::size_t width, std::string* out) {
  const std::string text = std::to_string(value);
  if (text.size() < width) out->append(width - text.size(), ' ');
  out->append(text);
}

void AppendFraction(std::int64_t nanos, int digits, bool is_trimmed, char mark, std::string* out) {
  char text[9];
  PutDigits(text, static_cast<std::uint64_t>(nanos), 9);
  std::size_t size = static_cast<std::size_t>(std::min(digits, 9));
  while (is_trimmed && size > 0 && text[size - 1] == '0') --size;
  if (is_trimmed && size == 0) return;
  *out += mark;
  out->append(text, size);
}

void AppendOffset(Part part, long east, std::string* out) {
  if (part >= Part::kZ && east == 0) {
    *out += 'Z';
    return;
  }
  const auto is = [part](Part minus, Part z) { return part == minus || part == z; };
  const bool has_seconds =
      is(Part::kOffsetSeconds, Part::kZSeconds) || is(Part::kOffsetColonSeconds, Part::kZColonSeconds);
  const bool has_colons =
      is(Part::kOffsetColon, Part::kZColon) || is(Part::kOffsetColonSeconds, Part::kZColonSeconds);
  *out += east < 0 ? '-' : '+';
  const int seconds = static_cast<int>(east < 0 ? -east : east);
  AppendDigits(seconds / 3600, 2, out);
  if (is(Part::kOffsetHour, Part::kZHour)) return;
  if (has_colons) *out += ':';
  AppendDigits(seconds / 60 % 60, 2, out);
  if (!has_seconds) return;
  if (has_colons) *out += ':';
  AppendDigits(seconds % 60, 2, out);
}

void AppendClock(Part part, const std::tm& time, std::string* out) {
  const int hour = time.tm_hour % 12 == 0 ? 12 : time.tm_hour % 12;
  switch (part) {
    case Part::kHour24:
      return AppendDigits(time.tm_hour, 2, out);
    case Part::kHour:
      return AppendPadded(hour, 1, out);
    case Part::kHour2:
      return AppendDigits(hour, 2, out);
    case Part::kMinute:
      return AppendPadded(time.tm_min, 1, out);
    case Part::kMinute2:
      return AppendDigits(time.tm_min, 2, out);
    case Part::kSecond:
      return AppendPadded(time.tm_sec, 1, out);
    case Part::kSecond2:
      return AppendDigits(time.tm_sec, 2, out);
    case Part::kUpperPm:
      out->append(time.tm_hour >= 12 ? "PM" : "AM");
      return;
    case Part::kLowerPm:
      out->append(time.tm_hour >= 12 ? "pm" : "am");
      return;
    case Part::kZone:
      out->append(time.tm_zone == nullptr ? "UTC" : time.tm_zone);
      return;
    default:
      return AppendOffset(part, time.tm_gmtoff, out);
  }
}

void AppendDate(Part part, const std::tm& time, std::string* out) {
  const std::string_view month = kMonths[static_cast<std::size_t>(time.tm_mon)];
  const std::string_view day = kDays[static_cast<std::size_t>(time.tm_wday)];
  switch (part) {
    case Part::kMonthName:
      out->append(month);
      return;
    case Part::kMonthShort:
      out->append(month.substr(0, 3));
      return;
    case Part::kMonth:
      return AppendPadded(time.tm_mon + 1, 1, out);
    case Part::kMonth2:
      return AppendDigits(time.tm_mon + 1, 2, out);
    case Part::kDayName:
      out->append(day);
      return;
    case Part::kDayShort:
      out->append(day.substr(0, 3));
      return;
    case Part::kDay:
      return AppendPadded(time.tm_mday, 1, out);
    case Part::kDaySpace:
      return AppendPadded(time.tm_mday, 2, out);
    case Part::kDay2:
      return AppendDigits(time.tm_mday, 2, out);
    case Part::kYearDaySpace:
      return AppendPadded(time.tm_yday + 1, 3, out);
    case Part::kYearDay3:
      return AppendDigits(time.tm_yday + 1, 3, out);
    case Part::kYear:
      return AppendDigits(time.tm_year + 1900, 4, out);
    case Part::kYear2:
      return AppendDigits((time.tm_year + 1900) % 100, 2, out);
    default:
      return AppendClock(part, time, out);
  }
}

}  // namespace

// ".000" or ",999": the digits are all the same, and no other digit follows.
bool GoLayout::TakeFraction(std::size_t* at, Piece* piece) const {
  const char mark = layout_[*at];
  const char digit = *at + 1 < layout_.size() ? layout_[*at + 1] : '\0';
  if ((mark != '.' && mark != ',') || (digit != '0' && digit != '9')) return false;
  std::size_t end = *at + 1;
  while (end < layout_.size() && layout_[end] == digit) ++end;
  if (end < layout_.size() && IsDigit(layout_[end])) return false;
  piece->part = static_cast<std::uint8_t>(Part::kFraction);
  piece->digits = static_cast<int>(std::min<std::size_t>(end - *at - 1, 9));
  piece->is_trimmed = digit == '9';
  piece->mark = mark;
  *at = end;
  return true;
}

bool GoLayout::TakeName(std::size_t* at, Piece* piece) const {
  const std::string_view rest = std::string_view(layout_).substr(*at);
  if (rest.starts_with("_2006")) return false;  // a '_' and a year
  for (const Known& known : kKnown) {
    if (!rest.starts_with(known.text)) continue;
    const char next = rest.size() > known.text.size() ? rest[known.text.size()] : '\0';
    const bool is_short = known.part == Part::kMonthShort || known.part == Part::kDayShort;
    if (is_short && next >= 'a' && next <= 'z') continue;
    piece->part = static_cast<std::uint8_t>(known.part);
    *at += known.text.size();
    return true;
  }
  return false;
}

GoLayout::GoLayout(std::string_view layout) : layout_(layout) {
  Piece piece;
  for (std::size_t at = 0; at < layout_.size();) {
    if (TakeFraction(&at, &piece) || TakeName(&at, &piece)) {
      pieces_.push_back(std::move(piece));
      piece = Piece();
    } else {
      piece.text += layout_[at++];
    }
  }
  if (!piece.text.empty()) pieces_.push_back(std::move(piece));
}

void GoLayout::AppendPart(const Piece& piece, const std::tm& time, std::int64_t nanos, std::string* out) {
  const auto part = static_cast<Part>(piece.part);
  if (part == Part::kNone) return;
  if (part == Part::kFraction) return AppendFraction(nanos, piece.digits, piece.is_trimmed, piece.mark, out);
  AppendDate(part, time, out);
}

void GoLayout::Append(std::int64_t wall, std::string* out) const {
  std::time_t seconds = wall / kNano;
  if (wall % kNano < 0) --seconds;
  // The calendar is asked once a second, not once a line.
  thread_local std::time_t cached_seconds = -1;
  thread_local std::tm time{};
  if (seconds != cached_seconds || time.tm_mday == 0) {
    localtime_r(&seconds, &time);
    cached_seconds = seconds;
  }
  for (const Piece& piece : pieces_) {
    out->append(piece.text);
    AppendPart(piece, time, wall - seconds * kNano, out);
  }
}

}  // namespace foster
