// SPDX-License-Identifier: MIT
#include "supervise/next_due.h"

#include <catch2/catch.hpp>
#include <vector>

namespace foster {
namespace {

constexpr WallNanos kSecond = 1'000'000'000;

Schedule Cron(const std::string& line) {
  Schedule schedule;
  schedule.kind = ScheduleKind::kCron;
  schedule.cron = line;
  auto fields = ParseCron(line);
  REQUIRE(fields.ok());
  schedule.fields = *fields;
  return schedule;
}

// What Berlin's clocks and UTC show at the next `count` times.
std::vector<CivilTime> NextUtc(const std::string& line, CivilTime utc, int count) {
  TimeZone zone = TimeZone::Open("Europe/Berlin").value();
  Schedule schedule = Cron(line);
  WallNanos when = SecondsOfUtc(utc) * kSecond;
  std::vector<CivilTime> times;
  for (int i = 0; i < count; ++i) {
    when = NextDue(schedule, zone, when).value();
    times.push_back(CivilOfUtc(when / kSecond));
  }
  return times;
}

}  // namespace

TEST_CASE("a daily time in the spring gap fires once, right after it") {
  CHECK(NextUtc("30 2 * * *", {2026, 3, 28, 12, 0, 0}, 2) ==
        std::vector<CivilTime>{{2026, 3, 29, 1, 0, 0}, {2026, 3, 30, 0, 30, 0}});
}

TEST_CASE("two times in the spring gap fire as one") {
  CHECK(NextUtc("10,40 2 * * *", {2026, 3, 28, 12, 0, 0}, 2) ==
        std::vector<CivilTime>{{2026, 3, 29, 1, 0, 0}, {2026, 3, 30, 0, 10, 0}});
}

TEST_CASE("a daily time that autumn repeats fires once") {
  CHECK(NextUtc("30 2 * * *", {2026, 10, 24, 12, 0, 0}, 2) ==
        std::vector<CivilTime>{{2026, 10, 25, 0, 30, 0}, {2026, 10, 26, 1, 30, 0}});
  // Also when the question comes between the two.
  CHECK(NextUtc("30 2 * * *", {2026, 10, 25, 1, 10, 0}, 1) ==
        std::vector<CivilTime>{{2026, 10, 26, 1, 30, 0}});
}

TEST_CASE("a line of every hour goes on while autumn repeats one") {
  CHECK(NextUtc("*/20 * * * *", {2026, 10, 25, 0, 30, 0}, 6) ==
        std::vector<CivilTime>{{2026, 10, 25, 0, 40, 0},
                               {2026, 10, 25, 1, 0, 0},
                               {2026, 10, 25, 1, 20, 0},
                               {2026, 10, 25, 1, 40, 0},
                               {2026, 10, 25, 2, 0, 0},
                               {2026, 10, 25, 2, 20, 0}});
}

TEST_CASE("a line of every hour passes over what spring leaves out") {
  CHECK(NextUtc("*/20 * * * *", {2026, 3, 29, 0, 30, 0}, 3) ==
        std::vector<CivilTime>{{2026, 3, 29, 0, 40, 0}, {2026, 3, 29, 1, 0, 0}, {2026, 3, 29, 1, 20, 0}});
}

TEST_CASE("one time is due once, and never when it is past") {
  TimeZone zone = TimeZone::Open("UTC").value();
  Schedule schedule;
  schedule.kind = ScheduleKind::kOnce;
  schedule.at = 100 * kSecond;
  CHECK(NextDue(schedule, zone, 99 * kSecond) == 100 * kSecond);
  CHECK_FALSE(NextDue(schedule, zone, 100 * kSecond).has_value());
}

TEST_CASE("a schedule is shown as it was meant") {
  CHECK(ScheduleText(Schedule{}).empty());
  Schedule schedule = Cron("@daily");
  CHECK(ScheduleText(schedule) == "@daily");
  schedule.timezone = "Europe/Berlin";
  CHECK(ScheduleText(schedule) == "@daily Europe/Berlin");
  schedule.kind = ScheduleKind::kInterval;
  schedule.interval = Millis(90'000);
  CHECK(ScheduleText(schedule) == "every 90s");
  schedule.interval = Millis(7'200'000);
  CHECK(ScheduleText(schedule) == "every 2h");
  schedule.interval = Millis(1'500);
  CHECK(ScheduleText(schedule) == "every 1500ms");
  schedule.kind = ScheduleKind::kOnce;
  schedule.at = 0;
  CHECK(ScheduleText(schedule).empty());
}

}  // namespace foster
