// SPDX-License-Identifier: MIT
#include "supervise/log_followers.h"

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("every record has the cursor behind itself, in both streams") {
  std::vector<LogLine> lines(4);
  lines[0].begin = 10, lines[0].end = 15;
  lines[1].stream = 1, lines[1].begin = 3, lines[1].end = 7;
  lines[2].begin = 15, lines[2].end = 20;
  lines[3].begin = 20, lines[3].end = 22, lines[3].partial = true;
  LogCursor behind;
  behind.position = {20, 7};
  auto records = RecordsOf("web", lines, behind);
  REQUIRE(records.size() == 4);
  CHECK(records[0].cursor == "15.3");
  CHECK(records[1].cursor == "15.7");
  CHECK(records[2].cursor == "20.7");
  CHECK(records[3].cursor == "20.7");
  CHECK(records[1].stream == "stderr");
  CHECK(records[3].partial);
}

}  // namespace foster
