// SPDX-License-Identifier: MIT
#include "model/cron.h"

#include <array>
#include <bit>
#include <charconv>
#include <string>
#include <vector>

#include "base/ascii.h"

namespace foster {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr int kYears = 8;

struct Field {
  std::string_view name;
  int low;
  int high;
  std::string_view allowed;
};
constexpr Field kSecond{"second", 0, 59, "0-59"};
constexpr Field kMinute{"minute", 0, 59, "0-59"};
constexpr Field kHour{"hour", 0, 23, "0-23"};
constexpr Field kDay{"day", 1, 31, "1-31"};
constexpr Field kMonth{"month", 1, 12, "1-12 or jan-dec"};
constexpr Field kWeekday{"weekday", 0, 7, "0-7 (0 and 7 are Sunday) or sun-sat"};

struct Values {
  std::uint64_t bits = 0;
  bool is_any = false;
};

Error Wrong(const Field& field, std::string_view part, std::string_view why) {
  return Error("cron " + std::string(field.name) + " '" + std::string(part) + "' " + std::string(why) +
               "; allowed: " + std::string(field.allowed) + ", *, lists (a,b), ranges (a-b), steps (*/n)");
}

std::optional<int> Number(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text[0] == '-' || error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

template <std::size_t n>
std::optional<int> Named(const std::array<std::string_view, n>& names, std::string_view text, int first) {
  for (std::size_t i = 0; i < n; ++i)
    if (ToLower(text) == names[i]) return static_cast<int>(i) + first;
  return std::nullopt;
}

std::optional<int> ValueOf(const Field& field, std::string_view text) {
  auto value = Number(text);
  if (!value && field.name == kMonth.name) value = Named(kMonths, text, 1);
  if (!value && field.name == kWeekday.name) value = Named(kWeekdays, text, 0);
  if (value && (*value < field.low || *value > field.high)) return std::nullopt;
  return value;
}

// The ends of "a", "a-b" or "*".
Result<std::pair<int, int>> ReadRange(const Field& field, std::string_view text, bool has_step) {
  if (text == "*" || text == "?") return std::pair(field.low, field.name == kWeekday.name ? 6 : field.high);
  auto dash = text.find('-');
  auto low = ValueOf(field, text.substr(0, dash));
  if (!low) return Wrong(field, text, "is not a value of this field");
  if (dash == std::string_view::npos) return std::pair(*low, has_step ? field.high : *low);
  auto high = ValueOf(field, text.substr(dash + 1));
  if (!high) return Wrong(field, text, "is not a range of this field");
  if (field.name == kWeekday.name && *high == 0 && *low > 0) high = 7;  // fri-sun
  if (*high < *low) return Wrong(field, text, "begins after its end");
  return std::pair(*low, *high);
}

Result<Values> ReadPart(const Field& field, std::string_view part) {
  auto slash = part.find('/');
  bool has_step = slash != std::string_view::npos;
  int step = 1;
  if (has_step) {
    auto number = Number(part.substr(slash + 1));
    if (!number || *number < 1) return Wrong(field, part, "has no step of 1 or more");
    if (*number > field.high) return Wrong(field, part, "has a step beyond the whole field");
    step = *number;
  }
  FOSTER_ASSIGN(auto range, ReadRange(field, part.substr(0, slash), has_step));
  Values values;
  for (int value = range.first; value <= range.second; value += step)
    values.bits |= std::uint64_t{1} << value;
  values.is_any = step == 1 && !part.empty() && (part[0] == '*' || part[0] == '?');
  return values;
}

Result<Values> ReadField(const Field& field, std::string_view text) {
  Values all;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    std::size_t end = std::min(text.find(',', begin), text.size());
    FOSTER_ASSIGN(Values part, ReadPart(field, text.substr(begin, end - begin)));
    all.bits |= part.bits;
    all.is_any = all.is_any || part.is_any;
    begin = end + 1;
  }
  return all;
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = text.find_first_not_of(" \t");
  while (begin != std::string_view::npos) {
    std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(" \t", end);
  }
  return words;
}

Result<std::string_view> LineOf(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kLines{{{"@yearly", "0 0 1 1 *"},
                                                                                 {"@annually", "0 0 1 1 *"},
                                                                                 {"@monthly", "0 0 1 * *"},
                                                                                 {"@weekly", "0 0 * * 0"},
                                                                                 {"@daily", "0 0 * * *"},
                                                                                 {"@midnight", "0 0 * * *"},
                                                                                 {"@hourly", "0 * * * *"}}};
  for (const auto& [known, line] : kLines)
    if (ToLower(name) == known) return line;
  return Error("cron name '" + std::string(name) +
               "' is not known; allowed: @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly");
}

bool Has(std::uint64_t bits, int value) { return (bits >> value & 1) != 0; }

// The lowest member of `bits` that is `from` or more; -1 if none.
int NextBit(std::uint64_t bits, int from) {
  if (from > 63) return -1;
  std::uint64_t rest = bits >> from;
  return rest == 0 ? -1 : from + std::countr_zero(rest);
}

bool IsLeap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysIn(int year, int month) {
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

int WeekdayOf(int year, int month, int day) {  // Sakamoto's method; 0 = Sunday
  constexpr std::array<int, 12> kShift{0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  if (month < 3) --year;
  return (year + year / 4 - year / 100 + year / 400 + kShift[static_cast<std::size_t>(month - 1)] + day) % 7;
}

bool DayMatches(const CronFields& fields, const CivilTime& time) {
  if (!Has(fields.month, time.month)) return false;
  bool day = Has(fields.day, time.day);
  bool weekday = Has(fields.weekday, WeekdayOf(time.year, time.month, time.day));
  return fields.day_is_any || fields.weekday_is_any ? day && weekday : day || weekday;
}

void ToNextDay(CivilTime* time) {
  time->hour = time->minute = time->second = 0;
  if (++time->day <= DaysIn(time->year, time->month)) return;
  time->day = 1;
  if (++time->month <= 12) return;
  time->month = 1;
  ++time->year;
}

// The first match on the day of `time`, not before it.
std::optional<CivilTime> MatchOnDay(const CronFields& fields, CivilTime time) {
  for (int hour = NextBit(fields.hour, time.hour); hour >= 0; hour = NextBit(fields.hour, hour + 1)) {
    if (hour != time.hour) time.minute = time.second = 0;
    time.hour = hour;
    for (int minute = NextBit(fields.minute, time.minute); minute >= 0;
         minute = NextBit(fields.minute, minute + 1)) {
      if (minute != time.minute) time.second = 0;
      time.minute = minute;
      if (int second = NextBit(fields.second, time.second); second >= 0) {
        time.second = second;
        return time;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Result<CronFields> ParseCron(std::string_view text) {
  auto words = Words(text);
  if (words.size() == 1 && words[0].starts_with('@')) {
    FOSTER_ASSIGN(std::string_view line, LineOf(words[0]));
    words = Words(line);
  }
  if (words.size() != 5 && words.size() != 6)
    return Error(
        "cron line '" + std::string(text) + "' has " + std::to_string(words.size()) +
        " fields; allowed: 5 (minute hour day month weekday), 6 (second first), or a name as @daily");
  if (words.size() == 5) words.insert(words.begin(), "0");
  FOSTER_ASSIGN(Values second, ReadField(kSecond, words[0]));
  FOSTER_ASSIGN(Values minute, ReadField(kMinute, words[1]));
  FOSTER_ASSIGN(Values hour, ReadField(kHour, words[2]));
  FOSTER_ASSIGN(Values day, ReadField(kDay, words[3]));
  FOSTER_ASSIGN(Values month, ReadField(kMonth, words[4]));
  FOSTER_ASSIGN(Values weekday, ReadField(kWeekday, words[5]));
  if (Has(weekday.bits, 7)) weekday.bits = (weekday.bits | 1) & 0x7f;
  CronFields fields;
  fields.second = second.bits;
  fields.minute = minute.bits;
  fields.hour = static_cast<std::uint32_t>(hour.bits);
  fields.day = static_cast<std::uint32_t>(day.bits);
  fields.month = static_cast<std::uint32_t>(month.bits);
  fields.weekday = static_cast<std::uint32_t>(weekday.bits);
  fields.day_is_any = day.is_any;
  fields.weekday_is_any = weekday.is_any;
  return fields;
}

std::pair<std::string_view, std::string_view> SplitCronZone(std::string_view text) {
  std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  std::string_view rest = text.substr(begin);
  for (std::string_view key : {"CRON_TZ=", "TZ="}) {
    if (!rest.starts_with(key)) continue;
    std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    return {rest.substr(key.size(), end - key.size()), rest.substr(end)};
  }
  return {"", text};
}

std::optional<CivilTime> NextMatch(const CronFields& fields, const CivilTime& after) {
  CivilTime time = after;
  ++time.second;  // 60 is beyond every field: the search goes on with the next minute
  while (time.year <= after.year + kYears) {
    if (DayMatches(fields, time))
      if (auto match = MatchOnDay(fields, time)) return match;
    ToNextDay(&time);
  }
  return std::nullopt;
}

bool NeverFires(const CronFields& fields) { return !NextMatch(fields, {2024, 1, 1, 0, 0, 0}); }

}  // namespace foster
