// SPDX-License-Identifier: MIT
#include "supervise/scale.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

Plan SomePlan() {
  Plan plan;
  for (const char* name : {"cache", "ini/web", "yaml/job-0", "yaml/job-1", "yaml/web"}) {
    plan.services.emplace_back();
    plan.services.back().name = name;
  }
  plan.services[2].replica = {"yaml/job", 0, 2};
  plan.services[3].replica = {"yaml/job", 1, 2};
  return plan;
}

Result<ScaleMap> Parse(const std::string& text) {
  Json params;
  params.Set("scale", *ParseJson(text));
  return ParseScale(params, SomePlan());
}

TEST_CASE("a service is scaled by its declared name, one of its replicas, or a unique bare name") {
  CHECK(*Parse(R"({"yaml/job":3})") == ScaleMap{{"yaml/job", 3}});
  CHECK(*Parse(R"({"yaml/job-1":1})") == ScaleMap{{"yaml/job", 1}});
  CHECK(*Parse(R"({"job":4,"cache":2})") == ScaleMap{{"yaml/job", 4}, {"cache", 2}});
}

TEST_CASE("what cannot be scaled is said") {
  CHECK(Parse(R"({"web":2})").error().message() == "'web' is not unique: ini/web, yaml/web");
  CHECK(Parse(R"({"nobody":2})").error().code() == ENOENT);
  CHECK(Parse(R"({"job":0})").error().message() == "the count of 'job' must be 1 to 1000");
  CHECK_FALSE(Parse(R"({"job":"3"})").ok());
  CHECK_FALSE(Parse("{}").ok());
  CHECK_FALSE(ParseScale(Json(), SomePlan()).ok());
}

TEST_CASE("one workload's file is read anew, or all") {
  CHECK(WorkloadOf({{"yaml/job", 1}, {"yaml/web", 2}}) == "yaml");
  CHECK(WorkloadOf({{"yaml/job", 1}, {"ini/web", 2}}).empty());
  CHECK(WorkloadOf({{"cache", 1}}).empty());
}

}  // namespace
}  // namespace foster
