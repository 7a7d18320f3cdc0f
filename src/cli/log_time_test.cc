// SPDX-License-Identifier: MIT
#include "cli/log_time.h"

#include <catch2/catch.hpp>

namespace foster::cli {
namespace {

constexpr std::int64_t kNanos = 1'000'000'000;
// 2026-11-21T13:00:00Z, a Saturday; 14:00 in Berlin.
constexpr WallNanos kNow = 1795266000 * kNanos;

struct At {
  const char* zone;
  WallNanos now;
  std::string operator()(const std::string& text) const {
    auto moment = ParseMoment(text, now, *TimeZone::Open(zone));
    return moment.ok() ? ShowTime(TimeFormat::kIso, *moment, 0, 0, *TimeZone::Open(zone)) : "?";
  }
};

TEST_CASE("moments are read in every form that is named") {
  const At berlin{"Europe/Berlin", kNow};
  CHECK(berlin("2026-11-21T07:32:35.863392026Z") == "2026-11-21T07:32:35.863Z");
  CHECK(berlin("2026-11-21T07:32:35+05:30") == "2026-11-21T02:02:35.000Z");
  CHECK(berlin("2026-11-21 07:32:35 -0100") == "2026-11-21T08:32:35.000Z");
  CHECK(berlin("2026-11-21T07:32:35") == "2026-11-21T06:32:35.000Z");
  CHECK(berlin("2026-11-21 07:32") == "2026-11-21T06:32:00.000Z");
  CHECK(berlin("2026-07-01") == "2026-06-30T22:00:00.000Z");
  CHECK(berlin("@1700000000.25") == "2023-11-14T22:13:20.250Z");
  CHECK(berlin("now") == "2026-11-21T13:00:00.000Z");
  CHECK(berlin("10m") == "2026-11-21T12:50:00.000Z");
  CHECK(berlin("2h30m") == "2026-11-21T10:30:00.000Z");
  CHECK(berlin("1.5h") == "2026-11-21T11:30:00.000Z");
  CHECK(berlin("-90s") == "2026-11-21T12:58:30.000Z");
  CHECK(berlin("250ms") == "2026-11-21T12:59:59.750Z");
  CHECK(berlin("1 day ago") == "2026-11-20T13:00:00.000Z");
  CHECK(berlin("today") == "2026-11-20T23:00:00.000Z");
  CHECK(berlin("today 01:02:03.5") == "2026-11-21T00:02:03.500Z");
  CHECK(berlin("yesterday 14:05") == "2026-11-20T13:05:00.000Z");
  CHECK(berlin("yesterday") == "2026-11-19T23:00:00.000Z");
}

TEST_CASE("a time of day alone is the latest one") {
  const At berlin{"Europe/Berlin", kNow};
  CHECK(berlin("13:59") == "2026-11-21T12:59:00.000Z");
  CHECK(berlin("14:00") == "2026-11-21T13:00:00.000Z");
  CHECK(berlin("14:01") == "2026-11-20T13:01:00.000Z");
  CHECK(berlin("9:00") == "2026-11-21T08:00:00.000Z");
}

// The clocks went back on 2026-10-25 at 03:00: that day had 25 hours.
TEST_CASE("yesterday is a day of the calendar, not 24 hours") {
  const At berlin{"Europe/Berlin", 1792927800 * kNanos};  // 2026-10-25 12:30 in Berlin
  CHECK(berlin("yesterday 12:30") == "2026-10-24T10:30:00.000Z");
  CHECK(berlin("today 12:30") == "2026-10-25T11:30:00.000Z");
  CHECK(berlin("1d") == "2026-10-24T11:30:00.000Z");
}

TEST_CASE("what is no moment is an error that names the forms") {
  const At utc{"UTC", kNow};
  for (const char* text : {"",
                           " ",
                           "10",
                           "10x",
                           "m",
                           "24:00",
                           "14:60",
                           "14:05:61",
                           "2026-13-01",
                           "2026-02-30",
                           "2026-11-21T",
                           "2026-11-21T07:32:35Q",
                           "1969-01-01",
                           "2262-01-01",
                           "9999-12-31T23:59:59Z",
                           "@",
                           "@-1",
                           "@99999999999",
                           "yesterday 25:00",
                           "yesterday14:05",
                           "nowish",
                           "99999999999d",
                           "1..5h",
                           "999999999d",
                           "2026-11-21T07:32:35+99:00"})
    CHECK(utc(text) == "?");
  CHECK(ParseMoment("soon", kNow, *TimeZone::Open("UTC")).error().message() ==
        "'soon' is no time: 10m, 2h30m, 14:05, 'yesterday 14:05', 2026-11-21T07:32:35Z or @1700000000");
}

TEST_CASE("a time is shown in four ways, each of one width") {
  const TimeZone berlin = *TimeZone::Open("Europe/Berlin");
  const WallNanos wall = kNow + 123'456'789;
  CHECK(ShowTime(TimeFormat::kIso, wall, 5, kNow, berlin) == "2026-11-21T13:00:00.123Z");
  CHECK(ShowTime(TimeFormat::kLocal, wall, 5, kNow, berlin) == "11-21 14:00:00.123");
  CHECK(ShowTime(TimeFormat::kRelative, wall, 5, wall + 123 * kNanos, berlin) == " 2m03s ago");
  CHECK(ShowTime(TimeFormat::kRelative, wall + kNanos, 5, wall, berlin) == "     in 1s");
  CHECK(ShowTime(TimeFormat::kMono, wall, 1234567890123, kNow, berlin) == "   1234.567890");
  for (auto format : {TimeFormat::kIso, TimeFormat::kLocal, TimeFormat::kRelative, TimeFormat::kMono}) {
    const std::string none = ShowTime(format, 0, 0, kNow, berlin);
    CHECK(none.find_first_not_of(' ') == std::string::npos);
    CHECK(none.size() == ShowTime(format, wall, 1234567890123, wall + kNanos, berlin).size());
  }
}

}  // namespace
}  // namespace foster::cli
