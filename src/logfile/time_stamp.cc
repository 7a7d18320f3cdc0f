// SPDX-License-Identifier: MIT
#include "logfile/time_stamp.h"

#include <array>
#include <cstring>
#include <ctime>
#include <limits>

#include "base/ascii.h"

namespace foster {
namespace {

constexpr std::int64_t kNano = 1'000'000'000;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
constexpr std::uint64_t kTaiEpoch = (1ull << 62) + 10;  // TAI was ten seconds ahead when it was first counted

// From each of these seconds since 1970 on TAI is one second more ahead of UTC.
constexpr std::array<std::int64_t, 27> kLeaps = {
    78796800,  94694400,  126230400, 157766400, 189302400,  220924800,  252460800,  283996800,  315532800,
    362793600, 394329600, 425865600, 489024000, 567993600,  631152000,  662688000,  709948800,  741484800,
    773020800, 820454400, 867715200, 915148800, 1136073600, 1230768000, 1341100800, 1435708800, 1483228800};

struct Split {
  std::int64_t seconds;
  std::uint64_t nanos;
};

Split SplitNanos(std::int64_t wall) {
  std::int64_t seconds = wall / kNano;
  if (wall % kNano < 0) --seconds;
  return {seconds, static_cast<std::uint64_t>(wall - seconds * kNano)};
}

std::optional<std::int64_t> Join(std::int64_t seconds, std::uint64_t nanos) {
  std::int64_t wall = 0;
  if (__builtin_mul_overflow(seconds, kNano, &wall)) return std::nullopt;
  if (__builtin_add_overflow(wall, static_cast<std::int64_t>(nanos), &wall)) return std::nullopt;
  return wall;
}

// "2026?11?21?07:32:35", 19 bytes.
void PutCalendar(char* to, const std::tm& time, char between) {
  to = PutDigits(to, static_cast<std::uint64_t>(time.tm_year + 1900), 4);
  *to++ = '-';
  to = PutDigits(to, static_cast<std::uint64_t>(time.tm_mon + 1), 2);
  *to++ = '-';
  to = PutDigits(to, static_cast<std::uint64_t>(time.tm_mday), 2);
  *to++ = between;
  to = PutDigits(to, static_cast<std::uint64_t>(time.tm_hour), 2);
  *to++ = ':';
  to = PutDigits(to, static_cast<std::uint64_t>(time.tm_min), 2);
  *to++ = ':';
  PutDigits(to, static_cast<std::uint64_t>(time.tm_sec), 2);
}

struct CachedSecond {
  std::int64_t seconds = kNever;
  char text[20];
};

bool ReadDigits(std::string_view text, std::size_t at, int digits, int* value) {
  *value = 0;
  for (int i = 0; i < digits; ++i) {
    const char c = text[at + static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') return false;
    *value = *value * 10 + (c - '0');
  }
  return true;
}

bool IsDayOfMonth(int year, int month, int day) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

// The first 19 bytes of `text` as a calendar's time.
std::optional<std::tm> ReadCalendar(std::string_view text) {
  std::tm time{};
  int year = 0;
  int month = 0;
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  if (!ReadDigits(text, 0, 4, &year) || !ReadDigits(text, 5, 2, &month) ||
      !ReadDigits(text, 8, 2, &time.tm_mday) || !ReadDigits(text, 11, 2, &time.tm_hour) ||
      !ReadDigits(text, 14, 2, &time.tm_min) || !ReadDigits(text, 17, 2, &time.tm_sec))
    return std::nullopt;
  if (!IsDayOfMonth(year, month, time.tm_mday) || time.tm_hour > 23 || time.tm_min > 59 || time.tm_sec > 59)
    return std::nullopt;
  time.tm_year = year - 1900;
  time.tm_mon = month - 1;
  time.tm_isdst = -1;
  return time;
}

// Digits behind a '.', at most nine of which count. Moves `*at` behind them.
std::optional<std::uint64_t> ReadFraction(std::string_view text, std::size_t* at) {
  std::uint64_t nanos = 0;
  int digits = 0;
  for (; *at < text.size() && text[*at] >= '0' && text[*at] <= '9'; ++*at) {
    if (digits++ < 9) nanos = nanos * 10 + static_cast<std::uint64_t>(text[*at] - '0');
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 9; ++digits) nanos *= 10;
  return nanos;
}

// "Z" or "+05:30": seconds east.
std::optional<std::int64_t> ReadOffset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  int hours = 0;
  int minutes = 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  if (!ReadDigits(text, 1, 2, &hours) || !ReadDigits(text, 4, 2, &minutes)) return std::nullopt;
  if (hours > 23 || minutes > 59) return std::nullopt;
  const std::int64_t east = hours * 3600 + minutes * 60;
  return text[0] == '-' ? -east : east;
}

std::optional<std::uint64_t> ReadHex(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    const std::size_t digit = kHexDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 4 | digit;
  }
  return value;
}

char* PutHex(char* to, std::uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) *to++ = kHexDigits[value >> (4 * i) & 15];
  return to;
}

}  // namespace

char* PutDigits(char* to, std::uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return to + digits;
}

char* PutNumber(char* to, std::uint64_t value) {
  int digits = 1;
  for (std::uint64_t rest = value; rest >= 10; rest /= 10) ++digits;
  return PutDigits(to, value, digits);
}

std::optional<std::uint64_t> ReadNumber(std::string_view text) {
  if (text.empty() || text.size() > kNumberSize || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || __builtin_mul_overflow(value, 10ull, &value) ||
        __builtin_add_overflow(value, static_cast<std::uint64_t>(c - '0'), &value))
      return std::nullopt;
  }
  return value;
}

char* PutUtcStamp(char* to, std::int64_t wall) {
  thread_local CachedSecond cache;
  const Split split = SplitNanos(wall);
  if (split.seconds != cache.seconds) {
    const std::time_t seconds = split.seconds;
    std::tm time{};
    gmtime_r(&seconds, &time);
    PutCalendar(cache.text, time, 'T');
    cache.text[19] = '.';
    cache.seconds = split.seconds;
  }
  std::memcpy(to, cache.text, 20);
  to = PutDigits(to + 20, split.nanos, 9);
  *to++ = 'Z';
  return to;
}

char* PutIsoStamp(char* to, std::int64_t wall) {
  thread_local CachedSecond cache;
  const Split split = SplitNanos(wall);
  if (split.seconds != cache.seconds) {
    const std::time_t seconds = split.seconds;
    std::tm time{};
    localtime_r(&seconds, &time);
    PutCalendar(cache.text, time, ' ');
    cache.text[19] = '.';
    cache.seconds = split.seconds;
  }
  std::memcpy(to, cache.text, 20);
  return PutDigits(to + 20, split.nanos, 9);
}

char* PutTai64nStamp(char* to, std::int64_t wall) {
  thread_local CachedSecond cache;
  const Split split = SplitNanos(wall);
  if (split.seconds != cache.seconds) {
    std::uint64_t tai = kTaiEpoch + static_cast<std::uint64_t>(split.seconds);
    for (const std::int64_t leap : kLeaps) tai += split.seconds >= leap ? 1 : 0;
    cache.text[0] = '@';
    PutHex(cache.text + 1, tai, 16);
    cache.seconds = split.seconds;
  }
  std::memcpy(to, cache.text, 17);
  return PutHex(to + 17, split.nanos, 8);
}

std::string Tai64nStamp(std::int64_t wall) {
  std::string text(kTai64nStampSize, '\0');
  PutTai64nStamp(text.data(), wall);
  return text;
}

std::optional<std::int64_t> ReadUtcStamp(std::string_view text) {
  if (text.size() != kUtcStampSize || text[10] != 'T' || text[19] != '.' || text[29] != 'Z')
    return std::nullopt;
  return ReadRfc3339(text);
}

std::optional<std::int64_t> ReadIsoStamp(std::string_view text) {
  if (text.size() != kIsoStampSize || text[10] != ' ' || text[19] != '.') return std::nullopt;
  std::optional<std::tm> time = ReadCalendar(text);
  std::size_t at = 20;
  const std::optional<std::uint64_t> nanos = ReadFraction(text, &at);
  if (!time || !nanos || at != text.size()) return std::nullopt;
  return Join(std::mktime(&*time), *nanos);
}

std::optional<std::int64_t> ReadTai64nStamp(std::string_view text) {
  if (text.size() != kTai64nStampSize || text[0] != '@') return std::nullopt;
  const std::optional<std::uint64_t> tai = ReadHex(text.substr(1, 16));
  const std::optional<std::uint64_t> nanos = ReadHex(text.substr(17));
  if (!tai || !nanos || *nanos >= kNano) return std::nullopt;
  std::int64_t seconds = static_cast<std::int64_t>(*tai - kTaiEpoch);
  // A leap second itself is the same second of UTC as the one after it.
  std::int64_t ahead = 0;
  for (const std::int64_t leap : kLeaps) ahead += seconds - ahead > leap ? 1 : 0;
  return Join(seconds - ahead, *nanos);
}

std::optional<std::int64_t> ReadRfc3339(std::string_view text) {
  std::optional<std::tm> time = ReadCalendar(text);
  if (!time || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) return std::nullopt;
  std::size_t at = 19;
  std::optional<std::uint64_t> nanos = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    nanos = ReadFraction(text, &at);
  }
  const std::optional<std::int64_t> east = ReadOffset(text.substr(at));
  if (!nanos || !east) return std::nullopt;
  return Join(timegm(&*time) - *east, *nanos);
}

}  // namespace foster
