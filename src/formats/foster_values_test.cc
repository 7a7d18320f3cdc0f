// SPDX-License-Identifier: MIT
#include "formats/foster_values.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

TEST_CASE("durations") {
  CHECK(*ParseDuration("250ms") == Millis{250});
  CHECK(*ParseDuration("1m30s") == Millis{90'000});
  CHECK(*ParseDuration("1d2h") == Millis{93'600'000});
  CHECK(*ParseDuration("0") == Millis{0});
  CHECK(*ParseDuration("never") == kForever);
  for (const char* wrong :
       {"", "5", "s", "5 s", "5s5s", "5s1m", "-1s", "1.5s", "99999999999999999999s", "40000d"})
    CHECK_FALSE(ParseDuration(wrong).ok());
}

TEST_CASE("sizes and hundredths") {
  CHECK(*ParseSize("64M") == 64u << 20);
  CHECK(*ParseSize("2GiB") == 2ull << 30);
  CHECK(*ParseSize("3kb") == 3072);
  CHECK(*ParseSize("17") == 17);
  for (const char* wrong : {"", "M", "1X", "1 M", "-1", "9999999999T", "1bb"})
    CHECK_FALSE(ParseSize(wrong).ok());
  CHECK(*ParseHundredths("1.5") == 150);
  CHECK(*ParseHundredths("0.05") == 5);
  CHECK(*ParseHundredths("3") == 300);
  for (const char* wrong : {"", ".5", "1.", "1.555", "1,5", "x", "100001"})
    CHECK_FALSE(ParseHundredths(wrong).ok());
}

TEST_CASE("addresses") {
  auto address = ParseHostPort("[::1]:80", "");
  REQUIRE(address.ok());
  CHECK(address->host == "::1");
  CHECK(address->port == 80);
  CHECK(ParseHostPort("*:80", "x")->host.empty());
  CHECK(ParseHostPort("80", "127.0.0.1")->host == "127.0.0.1");
  for (const char* wrong : {"", ":", "a:", "a:0", "a:65536", "::1:80", "a b:1", "[::1:80", "a/b:1", "0x50"})
    CHECK_FALSE(ParseHostPort(wrong, "").ok());
}

TEST_CASE("URLs") {
  Probe probe;
  REQUIRE(ParseUrl("https://[::1]/a?b", &probe).ok());
  CHECK(probe.tls);
  CHECK(probe.host == "::1");
  CHECK(probe.port == 443);
  CHECK(probe.path == "/a?b");
  REQUIRE(ParseUrl("http://localhost:8080?x", &probe).ok());
  CHECK_FALSE(probe.tls);
  CHECK(probe.port == 8080);
  CHECK(probe.path == "/?x");
  for (const char* wrong :
       {"", "localhost", "ftp://x", "http://", "http://:80", "http://x:0", "http://x/a b", "http://x/#a"})
    CHECK_FALSE(ParseUrl(wrong, &probe).ok());
}

TEST_CASE("keys") {
  CHECK(*ParseKeys("^C") == "\x03");
  CHECK(*ParseKeys("q^d\\n\\x1b\\e\\^\\\\^?") == "q\x04\n\x1b\x1b^\\\x7f");
  CHECK(ParseKeys("\\0")->size() == 1);
  for (const char* wrong : {"", "^", "^1", "\\", "\\q", "\\x1", "\\xgg"}) CHECK_FALSE(ParseKeys(wrong).ok());
}

TEST_CASE("points in time") {
  CHECK(*ParseWallTime("1970-01-01T00:00:01Z") == 1'000'000'000);
  CHECK(*ParseWallTime("2026-12-24T18:00:00+09:00") == *ParseWallTime("2026-12-24T09:00:00Z"));
  CHECK(ParseWallTime("2028-02-29T00:00:00Z").ok());
  for (const char* wrong : {"", "yesterday", "2026-12-24", "2026-12-24T18:00:00", "2026-02-29T00:00:00Z",
                            "2026-13-01T00:00:00Z", "2026-12-24T24:00:00Z", "2026-12-24T18:00:00+0900"})
    CHECK_FALSE(ParseWallTime(wrong).ok());
}

TEST_CASE("time zones are known by name") {
  CHECK(TimeZoneFault("UTC").empty());
  CHECK(TimeZoneFault("Asia/Tokyo").empty());
}

}  // namespace
}  // namespace foster
