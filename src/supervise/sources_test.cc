// SPDX-License-Identifier: MIT
#include "supervise/sources.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

Fragment File(const std::string& workload, const std::string& argument, bool valid = true) {
  Fragment fragment;
  fragment.valid = valid;
  if (!valid) {
    fragment.diagnostics.push_back({Severity::kError, Origin{"project", 1, 1}, "broken " + argument, "", ""});
    return fragment;
  }
  ServiceSpec spec;
  spec.name = workload + "/web";
  spec.workload = workload;
  spec.run.argv = {"/bin/sleep", argument};
  fragment.services.push_back(spec);
  return fragment;
}

Sources Read(bool a_valid, const std::string& a, bool b_valid, const std::string& b) {
  Sources sources;
  for (const char* name : {"a", "b"}) {
    Workload workload;
    workload.name = name;
    workload.project = "/project";
    workload.seed = "/seed";
    sources.services_d.workloads.push_back(workload);
  }
  sources.workloads.push_back({"a", File("a", a, a_valid), File("a", "seed"), "", ""});
  sources.workloads.push_back({"b", File("b", b, b_valid), File("b", "seed"), "", ""});
  return sources;
}

std::string Runs(const Plan& plan, const std::string& name) {
  const ServiceSpec* spec = plan.Find(name);
  return spec == nullptr ? "" : spec->run.argv[1];
}

}  // namespace

TEST_CASE("the first plan takes the seed where the project is broken, and the other workload's project") {
  Outcome first = FirstPlan(Read(false, "1", true, "1"), false);
  CHECK(Runs(first.plan, "a/web") == "seed");
  CHECK(Runs(first.plan, "b/web") == "1");
  CHECK(Runs(FirstPlan(Read(true, "1", true, "1"), true).plan, "b/web") == "seed");
}

TEST_CASE("a reload refuses what is broken and takes the rest") {
  Outcome first = FirstPlan(Read(true, "1", true, "1"), false);
  auto next = NextPlan(first.sources, first.plan, Read(false, "2", true, "2"), "");
  REQUIRE(next.ok());
  CHECK(Runs(next->plan, "a/web") == "1");
  CHECK(Runs(next->plan, "b/web") == "2");
  REQUIRE(next->refused.size() == 1);
  CHECK(next->refused[0].workload == "a");
  CHECK(next->refused[0].diagnostics.at(0).text == "broken 2");
}

TEST_CASE("a seed goes on through a refused reload, and a repaired project takes over") {
  Outcome first = FirstPlan(Read(false, "1", true, "1"), false);
  auto still = NextPlan(first.sources, first.plan, Read(false, "2", true, "1"), "a");
  REQUIRE(still.ok());
  CHECK(Runs(still->plan, "a/web") == "seed");
  CHECK(still->refused.size() == 1);
  auto repaired = NextPlan(still->sources, still->plan, Read(true, "3", true, "9"), "a");
  REQUIRE(repaired.ok());
  CHECK(Runs(repaired->plan, "a/web") == "3");
  CHECK(Runs(repaired->plan, "b/web") == "1");  // was not asked for
  CHECK(repaired->refused.empty());
}

TEST_CASE("what cannot be looked at at all is an error") {
  Outcome first = FirstPlan(Read(true, "1", true, "1"), false);
  CHECK(NextPlan(first.sources, first.plan, Read(true, "1", true, "1"), "zzz").error().code() == ENOENT);
  Sources crashed = Read(true, "1", true, "1");
  crashed.services_d_failure = "killed by SIGSEGV";
  CHECK_FALSE(NextPlan(first.sources, first.plan, crashed, "").ok());
}

TEST_CASE("sources come back from the savepoint's text") {
  Sources sources = Read(true, "1", false, "2");
  sources.workloads[0].seed.reset();
  sources.workloads[0].seed_failure = "killed by SIGKILL";
  auto text = ParseJson(ToJson(sources).Dump());
  REQUIRE(text.ok());
  auto again = SourcesFromJson(*text);
  REQUIRE(again.ok());
  CHECK(again->services_d == sources.services_d);
  REQUIRE(again->workloads.size() == 2);
  CHECK(again->workloads[0].project == sources.workloads[0].project);
  CHECK_FALSE(again->workloads[0].seed.has_value());
  CHECK(again->workloads[0].seed_failure == "killed by SIGKILL");
}

}  // namespace foster
