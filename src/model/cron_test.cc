// SPDX-License-Identifier: MIT
#include "model/cron.h"

#include <catch2/catch.hpp>
#include <ctime>
#include <random>

namespace foster {
namespace {

CronFields Parsed(std::string_view text) {
  auto fields = ParseCron(text);
  INFO(text);
  REQUIRE(fields.ok());
  return *fields;
}

std::string WrongWith(std::string_view text) {
  auto fields = ParseCron(text);
  return fields.ok() ? "accepted" : fields.error().message();
}

std::uint64_t Bits(std::initializer_list<int> values) {
  std::uint64_t bits = 0;
  for (int value : values) bits |= std::uint64_t{1} << value;
  return bits;
}

CivilTime FromSeconds(std::int64_t seconds) {
  time_t when = seconds;
  tm parts{};
  gmtime_r(&when, &parts);
  return {parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec};
}

// The rule of the day, said a second time and plainly, with the C library's calendar.
bool Matches(const CronFields& fields, std::int64_t seconds) {
  time_t when = seconds;
  tm parts{};
  gmtime_r(&when, &parts);
  bool day = (fields.day >> parts.tm_mday & 1) != 0;
  bool weekday = (fields.weekday >> parts.tm_wday & 1) != 0;
  bool is_day = fields.day_is_any || fields.weekday_is_any ? day && weekday : day || weekday;
  return is_day && (fields.month >> (parts.tm_mon + 1) & 1) != 0 && (fields.hour >> parts.tm_hour & 1) != 0 &&
         (fields.minute >> parts.tm_min & 1) != 0 && (fields.second >> parts.tm_sec & 1) != 0;
}

}  // namespace

TEST_CASE("a cron line of five fields begins with the minute, at second 0") {
  CronFields fields = Parsed("*/15 3 1,15 jan-mar mon");
  CHECK(fields.second == Bits({0}));
  CHECK(fields.minute == Bits({0, 15, 30, 45}));
  CHECK(fields.hour == Bits({3}));
  CHECK(fields.day == Bits({1, 15}));
  CHECK(fields.month == Bits({1, 2, 3}));
  CHECK(fields.weekday == Bits({1}));
  CHECK_FALSE(fields.day_is_any);
  CHECK_FALSE(fields.weekday_is_any);
}

TEST_CASE("a cron line of six fields begins with the second") {
  CronFields fields = Parsed(" 10-20/5,59   * *\t? * ?  ");
  CHECK(fields.second == Bits({10, 15, 20, 59}));
  CHECK(fields.minute == (std::uint64_t{1} << 60) - 1);
  CHECK(fields.day_is_any);
  CHECK(fields.weekday_is_any);
}

TEST_CASE("weekdays wrap at Sunday") {
  CHECK(Parsed("0 0 * * 7").weekday == Bits({0}));
  CHECK(Parsed("0 0 * * SUN").weekday == Bits({0}));
  CHECK(Parsed("0 0 * * fri-sun").weekday == Bits({5, 6, 0}));
  CHECK(Parsed("0 0 * * 5-7").weekday == Bits({5, 6, 0}));
  CHECK(Parsed("0 0 * * 0-7").weekday == 0x7f);
  CHECK(Parsed("0 0 * * */2").weekday == Bits({0, 2, 4, 6}));
  CHECK(Parsed("0 0 * * *").weekday == 0x7f);
}

TEST_CASE("a step may begin at a value, and makes a star restrict") {
  CHECK(Parsed("50/4 * * * *").minute == Bits({50, 54, 58}));
  CHECK(Parsed("0 0 */10 * *").day == Bits({1, 11, 21, 31}));
  CHECK_FALSE(Parsed("0 0 */10 * *").day_is_any);
  CHECK(Parsed("0 0 */1 * *").day_is_any);
}

TEST_CASE("names stand for whole cron lines") {
  CHECK(Parsed("@yearly") == Parsed("0 0 1 1 *"));
  CHECK(Parsed("@annually") == Parsed("0 0 1 jan *"));
  CHECK(Parsed("@monthly") == Parsed("0 0 1 * *"));
  CHECK(Parsed("@weekly") == Parsed("0 0 * * sun"));
  CHECK(Parsed("@Daily") == Parsed("0 0 * * *"));
  CHECK(Parsed("@midnight") == Parsed("@daily"));
  CHECK(Parsed(" @hourly ") == Parsed("0 * * * *"));
}

TEST_CASE("a bad cron line names the field, the value and what is allowed") {
  CHECK(WrongWith("61 * * * *") ==
        "cron minute '61' is not a value of this field; allowed: 0-59, *, lists (a,b), ranges (a-b), steps "
        "(*/n)");
  CHECK(WrongWith("* * * foo *").find("cron month 'foo'") == 0);
  CHECK(WrongWith("* * * foo *").find("1-12 or jan-dec") != std::string::npos);
  CHECK(WrongWith("* * * *").find("has 4 fields; allowed: 5 (") != std::string::npos);
  CHECK(WrongWith("").find("has 0 fields") != std::string::npos);
  CHECK(WrongWith("@often").find("cron name '@often' is not known; allowed: @yearly") == 0);
  struct Bad {
    const char* line;
    const char* part;
  };
  for (Bad bad : {Bad{"60 * * * * *", "second '60'"},
                  {"* 24 * * *", "hour '24'"},
                  {"* * 0 * *", "day '0'"},
                  {"* * 32 * *", "day '32'"},
                  {"* * * 0 *", "month '0'"},
                  {"* * * 13 *", "month '13'"},
                  {"* * * * 8", "weekday '8'"},
                  {"* * * * jan", "weekday 'jan'"},
                  {"mon * * * *", "minute 'mon'"},
                  {"*/0 * * * *", "minute '*/0'"},
                  {"*/90 * * * *", "minute '*/90'"},
                  {"*/ * * * *", "minute '*/'"},
                  {"5-1 * * * *", "minute '5-1' begins after its end"},
                  {"1- * * * *", "minute '1-'"},
                  {"-1 * * * *", "minute '-1'"},
                  {"1,,2 * * * *", "minute ''"},
                  {"1, * * * *", "minute ''"},
                  {"1-2-3 * * * *", "minute '1-2-3'"},
                  {"+1 * * * *", "minute '+1'"},
                  {"** * * * *", "minute '**'"},
                  {"* * L * *", "day 'L'"},
                  {"* * 15W * *", "day '15W'"},
                  {"* * * * 5#3", "weekday '5#3'"},
                  {"99999999999 * * * *", "minute '99999999999'"}}) {
    INFO(bad.line);
    CHECK(WrongWith(bad.line).find(bad.part) != std::string::npos);
  }
}

TEST_CASE("a zone before a cron line is split off") {
  auto [zone, rest] = SplitCronZone("CRON_TZ=Asia/Tokyo 0 6 * * *");
  CHECK(zone == "Asia/Tokyo");
  CHECK(Parsed(rest) == Parsed("0 6 * * *"));
  CHECK(SplitCronZone("TZ=UTC @daily").first == "UTC");
  CHECK(SplitCronZone("0 6 * * *").first.empty());
  CHECK(SplitCronZone("0 6 * * *").second == "0 6 * * *");
}

TEST_CASE("the next match is after the time given, over every border") {
  auto next = [](const char* line, CivilTime after) { return *NextMatch(Parsed(line), after); };
  CHECK(next("*/5 * * * *", {2026, 11, 21, 11, 59, 59}) == CivilTime{2026, 11, 21, 12, 0, 0});
  CHECK(next("0 12 * * *", {2026, 11, 21, 12, 0, 0}) == CivilTime{2026, 11, 22, 12, 0, 0});
  CHECK(next("* * * * * *", {2026, 12, 31, 23, 59, 59}) == CivilTime{2027, 1, 1, 0, 0, 0});
  CHECK(next("30 59 23 31 12 ?", {2026, 12, 31, 23, 59, 29}) == CivilTime{2026, 12, 31, 23, 59, 30});
  CHECK(next("0 0 31 * *", {2026, 1, 31, 0, 0, 0}) == CivilTime{2026, 3, 31, 0, 0, 0});
  CHECK(next("0 0 29 2 *", {2026, 1, 1, 0, 0, 0}) == CivilTime{2028, 2, 29, 0, 0, 0});
  CHECK(next("0 0 29 2 *", {2096, 2, 29, 0, 0, 0}) == CivilTime{2104, 2, 29, 0, 0, 0});
  CHECK(next("0 0 * * mon", {2026, 11, 21, 0, 0, 0}) == CivilTime{2026, 11, 23, 0, 0, 0});
  // Both restricted: either.
  CHECK(next("0 0 25 * mon", {2026, 11, 21, 0, 0, 0}) == CivilTime{2026, 11, 23, 0, 0, 0});
  CHECK(next("0 0 25 * mon", {2026, 11, 23, 0, 0, 0}) == CivilTime{2026, 11, 25, 0, 0, 0});
}

TEST_CASE("a cron line that never fires is known") {
  CHECK(NeverFires(Parsed("0 0 30 2 *")));
  CHECK(NeverFires(Parsed("0 0 31 2,4,6,9,11 *")));
  CHECK_FALSE(NeverFires(Parsed("0 0 29 2 *")));
  CHECK_FALSE(NeverFires(Parsed("0 0 30 2 mon")));
  CHECK_FALSE(NeverFires(Parsed("@yearly")));
}

TEST_CASE("random cron lines match as a walk over every second says") {
  std::mt19937_64 random(7);
  auto one_of = [&](int low, int high) { return low + static_cast<int>(random() % (high - low + 1)); };
  for (int round = 0; round < 60; ++round) {
    CronFields fields;
    fields.second = random() & random() & ((std::uint64_t{1} << 60) - 1);
    fields.second |= std::uint64_t{1} << one_of(0, 59);
    fields.minute = std::uint64_t{1} << one_of(0, 59) | std::uint64_t{1} << one_of(0, 59);
    fields.hour = 1u << one_of(0, 23) | 1u << one_of(0, 23);
    fields.day_is_any = one_of(0, 1) == 0;
    fields.weekday_is_any = one_of(0, 1) == 0;
    fields.day = fields.day_is_any ? 0xfffffffe : 1u << one_of(1, 31) | 1u << one_of(1, 31);
    fields.weekday = fields.weekday_is_any ? 0x7f : 1u << one_of(0, 6);
    fields.month = 0x1ffe;
    std::int64_t begin = 946684800 + static_cast<std::int64_t>(random() % 3'000'000'000);
    auto found = NextMatch(fields, FromSeconds(begin));
    REQUIRE(found.has_value());
    std::int64_t walked = begin + 1;
    while (walked < begin + 40 * 86400 && !Matches(fields, walked)) ++walked;
    if (walked < begin + 40 * 86400) CHECK(*found == FromSeconds(walked));
    if (walked == begin + 40 * 86400) CHECK(*found >= FromSeconds(walked));
  }
}

}  // namespace foster
