// SPDX-License-Identifier: MIT
#include "supervise/log_query.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

Result<LogQuery> From(const std::string& text) { return LogQueryFrom(*ParseJson(text)); }

TEST_CASE("a query of logs has its usual values") {
  const LogQuery query = *From("{}");
  CHECK(query.lines == 100);
  CHECK(query.max_bytes == 900'000);
  CHECK(query.filter == LogFilter{});
  CHECK_FALSE(query.follow);
  CHECK_FALSE(query.oldest_first);
}

TEST_CASE("each parameter of a query is read") {
  const LogQuery query = *From(
      R"({"lines":7,"since":5,"until":"1970-01-01T00:00:01.25Z","streams":["stderr"],"incarnation":3,
          "after":{"web":"12.7"},"max_bytes":99999999,"follow":true,"oldest_first":true})");
  CHECK(query.lines == 7);
  CHECK(query.filter.since == 5);
  CHECK(query.filter.until == 1'250'000'000);
  CHECK(query.filter.takes == std::array<bool, kLogStreams>{false, true});
  CHECK(query.filter.incarnation == 3);
  CHECK(query.after.at("web").position == LogReach{12, 7});
  CHECK(query.max_bytes == kMostLogBytes);
  CHECK((query.follow && query.oldest_first));
}

TEST_CASE("moments with zone and decimals") {
  CHECK(*MomentFrom(Json("1970-01-01T01:00:00.000000001+01:00")) == 1);
  CHECK(*MomentFrom(Json("1970-01-01T00:00:02Z")) == 2'000'000'000);
  CHECK(*MomentFrom(Json(12)) == 12);
  for (const char* bad :
       {"", "now", "1970-01-01T00:00:02.Z", "1970-01-01T00:00:02.1234567890Z", "1970-01-01"})
    CHECK_FALSE(MomentFrom(Json(bad)).ok());
}

TEST_CASE("a query that is not understood says what is wrong") {
  for (const char* bad :
       {R"({"lines":-1})", R"({"lines":"x"})", R"({"since":"soon"})", R"({"until":[]})", R"({"streams":[]})",
        R"({"streams":["out"]})", R"({"streams":"stdout"})", R"({"incarnation":0})", R"({"after":[]})",
        R"({"after":{"web":"x"}})", R"({"after":{"web":7}})", R"({"max_bytes":0})", R"({"follow":1})",
        R"({"oldest_first":"yes"})"}) {
    const auto query = From(bad);
    INFO(bad);
    REQUIRE_FALSE(query.ok());
    CHECK(query.error().message().starts_with("'"));
  }
}

}  // namespace
}  // namespace foster
