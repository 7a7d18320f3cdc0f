// SPDX-License-Identifier: MIT
#include "supervise/doctor.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

const Feature& Named(const std::vector<Feature>& features, const std::string& name) {
  for (const Feature& each : features)
    if (each.feature == name) return each;
  FAIL("no feature " << name);
  return features.front();
}

}  // namespace

TEST_CASE("what is missing has a fix, what is there has none") {
  DoctorFacts facts;
  facts.cgroup = "cannot make /sys/fs/cgroup/foster: Read-only file system";
  for (const Feature& each : Diagnose(facts)) {
    INFO(each.feature);
    CHECK_FALSE(each.ok);
    CHECK_FALSE(each.text.empty());
    CHECK_FALSE(each.fix.empty());
  }
  CHECK(Named(Diagnose(facts), "cgroup").text.starts_with("cannot make /sys/fs/cgroup/foster"));
  facts = {true, true, true, true, true, "", "cpu memory pids", true, true, true, true, true, true};
  for (const Feature& each : Diagnose(facts)) {
    INFO(each.feature);
    CHECK(each.ok);
    CHECK(each.fix.empty());
  }
}

TEST_CASE("a cgroup without all controllers is one for killing only") {
  DoctorFacts facts;
  facts.controllers = "pids";
  auto features = Diagnose(facts);
  CHECK(Named(features, "cgroup").ok);
  CHECK_FALSE(Named(features, "cgroup limits").ok);
  CHECK(Named(features, "cgroup limits").text.starts_with("only pids"));
  CHECK(Named(features, "cgroup limits").fix.starts_with("a machine"));  // no option of the engine helps
}

}  // namespace foster
