// SPDX-License-Identifier: MIT
#include "logfile/go_layout.h"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace foster {
namespace {

std::string In(const char* zone, std::string_view layout, std::int64_t wall) {
  setenv("TZ", zone, 1);
  tzset();
  // Each call in a second of its own zone: what a thread keeps is of the zone before.
  std::string forget;
  GoLayout("5").Append(0, &forget);
  std::string out;
  GoLayout(layout).Append(wall, &out);
  unsetenv("TZ");
  tzset();
  return out;
}

constexpr std::int64_t kWall = 1'772'525'045'120'340'000;  // 2026-03-03T08:04:05.12034Z, a Tuesday

TEST_CASE("Go's layouts print as Go prints them") {
  const struct {
    const char* layout;
    const char* text;
  } cases[] = {{"2006-01-02T15:04:05Z07:00", "2026-03-03T08:04:05Z"},
               {"2006-01-02T15:04:05.999999999Z07:00", "2026-03-03T08:04:05.12034Z"},
               {"2006-01-02 15:04:05.000", "2026-03-03 08:04:05.120"},
               {"15:04:05,000000", "08:04:05,120340"},
               {"3:04PM", "8:04AM"},
               {"03:04:05 pm", "08:04:05 am"},
               {"Mon Jan _2 15:04:05 2006", "Tue Mar  3 08:04:05 2026"},
               {"Monday, 02-Jan-06 15:04:05 MST", "Tuesday, 03-Mar-26 08:04:05 UTC"},
               {"January 2 2006", "March 3 2026"},
               {"Janus Monet", "Janus Monet"},
               {"002 __2", "062  62"},
               {"_2006", "_2026"},
               {"1/2 3:4:5", "3/3 8:4:5"},
               {"-0700 -07:00 -07 Z0700 -07:00:00", "+0000 +00:00 +00 Z +00:00:00"},
               {"", ""},
               {"no layout", "no layout"}};
  for (const auto& one : cases) {
    INFO(one.layout);
    CHECK(In("UTC", one.layout, kWall) == one.text);
  }
}

TEST_CASE("Go's offsets are those of the zone") {
  CHECK(In("Asia/Kolkata", "15:04 -0700 -07:00 Z07:00 MST", kWall) == "13:34 +0530 +05:30 +05:30 IST");
  CHECK(In("America/New_York", "Jan _2 3PM -07 Z0700", kWall) == "Mar  3 3AM -05 -0500");
  CHECK(In("UTC", "3PM 03", 43'200'000'000'000) == "12PM 12");
  CHECK(In("UTC", "3PM 03", 0) == "12AM 12");
  CHECK(In("UTC", ".999 .000", 1'000'000'000) == " .000");
}

}  // namespace
}  // namespace foster
