// SPDX-License-Identifier: MIT
#include "model/plan_diff.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

Plan With(std::vector<std::string> names) {
  Plan plan;
  for (auto& name : names) {
    ServiceSpec spec;
    spec.name = name;
    plan.services.push_back(spec);
  }
  return plan;
}

TEST_CASE("added, removed, changed and unchanged services are told apart") {
  Plan before = With({"a", "b", "c"});
  Plan after = With({"b", "c", "d"});
  after.services[0].run.argv = {"x"};
  after.services[0].environment = {"A=1"};
  after.services[1].origin = {"moved", 7, 7};
  auto changes = ComparePlans(before, after);
  REQUIRE(changes.size() == 4);
  CHECK(changes[0].change == Change::kRemoved);
  CHECK(changes[1].change == Change::kChanged);
  CHECK(changes[1].fields == std::vector<std::string>{"command", "environment"});
  CHECK(changes[2].change == Change::kUnchanged);
  CHECK(changes[3].change == Change::kAdded);
}

TEST_CASE("whatever makes specs unequal is named as a field") {
  ServiceSpec base;
  std::vector<ServiceSpec> variants(19, base);
  variants[0].timeouts.up = Millis(1);
  variants[1].readiness.notify_fd = 3;
  variants[2].restart.cap = Millis(1);
  variants[3].identity.user = "nobody";
  variants[4].stop.signal = 2;
  variants[5].isolation.nice = 1;
  variants[6].liveness.watchdog = Millis(1);
  variants[7].success_signals = {15};
  variants[8].daemon.follow = Follow::kLast;
  variants[9].stdin_from = Stdin::kPipe;
  variants[10].schedule.interval = Millis(1);
  variants[11].sockets.emplace_back();
  variants[12].activation = Activation::kOnDemand;
  variants[13].idle_stop = Millis(1);
  variants[14].when_ended = Consequence::kEndWorkload;
  variants[15].when_failed = Consequence::kEndWorkload;
  variants[16].replica.count = 2;
  variants[17].log.sinks.emplace_back();
  variants[18].secrets.emplace_back();
  for (const auto& variant : variants) {
    REQUIRE_FALSE(variant == base);
    Plan before, after;
    before.services = {base};
    after.services = {variant};
    CHECK(ComparePlans(before, after)[0].fields.size() == 1);
  }
}

}  // namespace
}  // namespace foster
