// SPDX-License-Identifier: MIT
#include "cli/log_gap.h"

#include <catch2/catch.hpp>

namespace foster::cli {
namespace {

LogEntry Line(const char* service, std::uint64_t seq, const char* boot = "01ab23cd") {
  LogEntry entry;
  entry.service = service;
  entry.seq = seq;
  entry.wall = 5;
  entry.cursor = std::string(boot) + ".7.0";
  return entry;
}

TEST_CASE("missing lines are counted by their numbers, of each service") {
  LogGap gap;
  CHECK(gap.MissingBefore(Line("web", 7)) == 0);
  CHECK(gap.MissingBefore(Line("web", 8)) == 0);
  CHECK(gap.MissingBefore(Line("db", 100)) == 0);
  CHECK(gap.MissingBefore(Line("web", 12)) == 3);
  CHECK(gap.MissingBefore(Line("web", 12)) == 0);  // a piece of the same line
  CHECK(gap.MissingBefore(Line("db", 101)) == 0);
  const LogEntry shown = LogGap::Of(Line("web", 12), 3);
  CHECK((shown.service == "web" && shown.skipped == 3 && shown.wall == 5 && shown.text.empty() &&
         shown.cursor.empty()));
}

TEST_CASE("unfinished lines, lines without a number and another boot leave no gap") {
  LogGap gap;
  CHECK(gap.MissingBefore(Line("web", 7)) == 0);
  LogEntry rest = Line("web", 9);
  rest.is_unfinished = true;
  CHECK(gap.MissingBefore(rest) == 0);
  CHECK(gap.MissingBefore(Line("web", 0)) == 0);
  CHECK(gap.MissingBefore(Line("web", 9)) == 1);
  CHECK(gap.MissingBefore(Line("web", 30, "99999999")) == 0);
  CHECK(gap.MissingBefore(Line("web", 32, "99999999")) == 1);
}

}  // namespace
}  // namespace foster::cli
