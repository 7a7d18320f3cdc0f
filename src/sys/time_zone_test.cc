// SPDX-License-Identifier: MIT
#include "sys/time_zone.h"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace foster {
namespace {

TimeZone Zone(const std::string& name) {
  auto zone = TimeZone::Open(name);
  INFO((zone.ok() ? "" : zone.error().message()));
  REQUIRE(zone.ok());
  return *zone;
}

}  // namespace

TEST_CASE("a zone turns moments into wall clock times and back") {
  TimeZone berlin = Zone("Europe/Berlin");
  std::int64_t summer = SecondsOfUtc({2026, 7, 1, 10, 0, 0});
  CHECK(berlin.OffsetAt(summer) == 7200);
  CHECK(berlin.CivilAt(summer) == CivilTime{2026, 7, 1, 12, 0, 0});
  CHECK(berlin.SecondsOf({2026, 7, 1, 12, 0, 0}) == summer);
  std::int64_t winter = SecondsOfUtc({2026, 12, 1, 10, 0, 0});
  CHECK(berlin.CivilAt(winter) == CivilTime{2026, 12, 1, 11, 0, 0});
  CHECK(berlin.SecondsOf({2026, 12, 1, 11, 0, 0}) == winter);
  CHECK(Zone("Asia/Kolkata").CivilAt(winter) == CivilTime{2026, 12, 1, 15, 30, 0});
  CHECK(Zone("Pacific/Auckland").SecondsOf({2026, 12, 1, 23, 0, 0}) == winter);
}

TEST_CASE("what spring leaves out is the first moment after the gap") {
  TimeZone berlin = Zone("Europe/Berlin");  // 2026-03-29 02:00 becomes 03:00
  std::int64_t change = SecondsOfUtc({2026, 3, 29, 1, 0, 0});
  CHECK(berlin.SecondsOf({2026, 3, 29, 1, 59, 59}) == change - 1);
  CHECK(berlin.SecondsOf({2026, 3, 29, 2, 0, 0}) == change);
  CHECK(berlin.SecondsOf({2026, 3, 29, 2, 30, 0}) == change);
  CHECK(berlin.SecondsOf({2026, 3, 29, 3, 0, 0}) == change);
  CHECK(berlin.SecondsOf({2026, 3, 29, 3, 0, 1}) == change + 1);
}

TEST_CASE("what autumn repeats is its first moment") {
  TimeZone berlin = Zone("Europe/Berlin");  // 2026-10-25 03:00 becomes 02:00
  std::int64_t change = SecondsOfUtc({2026, 10, 25, 1, 0, 0});
  CHECK(berlin.SecondsOf({2026, 10, 25, 2, 30, 0}) == change - 1800);
  CHECK(berlin.CivilAt(change + 1800) == CivilTime{2026, 10, 25, 2, 30, 0});
  CHECK(berlin.SecondsOf({2026, 10, 25, 3, 0, 0}) == change + 3600);
  CHECK(berlin.ChangeBetween(change - 86400, change + 86400) == change);
}

TEST_CASE("TZ is as before afterwards, and is the zone of no name") {
  setenv("TZ", "Asia/Tokyo", 1);
  TimeZone berlin = Zone("Europe/Berlin");
  CHECK(berlin.OffsetAt(0) == 3600);
  CHECK(std::string(std::getenv("TZ")) == "Asia/Tokyo");
  CHECK(Zone("").OffsetAt(0) == 32400);
  unsetenv("TZ");
  CHECK(berlin.OffsetAt(0) == 3600);
  CHECK(std::getenv("TZ") == nullptr);
}

TEST_CASE("a zone that is not there is an error that says so") {
  for (const char* name : {"Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "Europe", "zone.tab"}) {
    auto zone = TimeZone::Open(name);
    REQUIRE_FALSE(zone.ok());
    CHECK(zone.error().code() == ENOENT);
    CHECK(zone.error().message().find(std::string("'") + name + "'") != std::string::npos);
  }
  setenv("TZDIR", "/no/such/directory", 1);
  auto zone = TimeZone::Open("Europe/Berlin");
  REQUIRE_FALSE(zone.ok());
  CHECK(zone.error().message() ==
        "cannot use time zone 'Europe/Berlin': there is no /no/such/directory here (package tzdata)");
  CHECK(Zone("UTC").OffsetAt(0) == 0);
  unsetenv("TZDIR");
}

}  // namespace foster
