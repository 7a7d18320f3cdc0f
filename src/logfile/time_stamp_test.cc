// SPDX-License-Identifier: MIT
#include "logfile/time_stamp.h"

#include <catch2/catch.hpp>
#include <random>

namespace foster {
namespace {

constexpr std::int64_t kNano = 1'000'000'000;

std::string Iso(std::int64_t wall) {
  std::string text(kIsoStampSize, '\0');
  PutIsoStamp(text.data(), wall);
  return text;
}

TEST_CASE("TAI64N counts leap seconds as s6 does") {
  // What s6-log wrote at that second here.
  CHECK(Tai64nStamp(1795272907 * kNano + 0x18b83131) == "@400000006b01b0f018b83131");
  CHECK(Tai64nStamp(0) == "@400000000000000a00000000");
  CHECK(Tai64nStamp(1483228799 * kNano) == "@40000000586846a300000000");
  CHECK(Tai64nStamp(1483228800 * kNano) == "@40000000586846a500000000");
  // The leap second between the two.
  CHECK(ReadTai64nStamp("@40000000586846a400000000") == 1483228800 * kNano);
  CHECK_FALSE(ReadTai64nStamp("@40000000586846A400000000"));
  CHECK_FALSE(ReadTai64nStamp("@40000000586846a43b9aca00"));
  CHECK_FALSE(ReadTai64nStamp("@40000000586846a4000000000"));
  CHECK_FALSE(ReadTai64nStamp("@ffffffff586846a400000000"));
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t wall = static_cast<std::int64_t>(random()) / 2;
    REQUIRE(ReadTai64nStamp(Tai64nStamp(wall)) == wall);
  }
}

TEST_CASE("local time has no letter between and reads back") {
  setenv("TZ", "Asia/Tokyo", 1);
  tzset();
  Iso(0);  // forgets the second that this thread knows, which is of another zone
  CHECK(Iso(1'795'246'355'863'392'026) == "2026-11-21 16:32:35.863392026");
  CHECK(ReadIsoStamp("2026-11-21 16:32:35.863392026") == 1'795'246'355'863'392'026);
  CHECK_FALSE(ReadIsoStamp("2026-11-21T16:32:35.863392026"));
  CHECK_FALSE(ReadIsoStamp("2026-11-21 16:32:35.86339202 "));
  unsetenv("TZ");
  tzset();
  Iso(0);
}

TEST_CASE("RFC 3339 of others is read") {
  const std::int64_t wall = 1'795'246'355 * kNano;
  CHECK(ReadRfc3339("2026-11-21T07:32:35Z") == wall);
  CHECK(ReadRfc3339("2026-11-21t07:32:35z") == wall);
  CHECK(ReadRfc3339("2026-11-21 07:32:35.5Z") == wall + kNano / 2);
  CHECK(ReadRfc3339("2026-11-21T08:02:35.1234567891+00:30") == wall + 123456789);
  CHECK(ReadRfc3339("2026-11-21T02:32:35-05:00") == wall);
  for (const char* bad : {"", "2026-11-21T07:32:35", "2026-11-21T07:32:35.Z", "2026-11-21T07:32:35+0030",
                          "2026-11-21T07:32:60Z"})
    CHECK_FALSE(ReadRfc3339(bad));
}

TEST_CASE("numbers have one form") {
  char text[kNumberSize];
  CHECK(std::string(text, PutNumber(text, 0)) == "0");
  CHECK(std::string(text, PutNumber(text, UINT64_MAX)) == "18446744073709551615");
  CHECK(ReadNumber("18446744073709551615") == UINT64_MAX);
  for (const char* bad : {"", "00", "01", "18446744073709551616", "1 ", "-1", "+1"})
    CHECK_FALSE(ReadNumber(bad));
}

}  // namespace
}  // namespace foster
