// SPDX-License-Identifier: MIT
#include "model/assemble.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

ServiceSpec Service(const std::string& name, std::vector<std::string> needs = {}) {
  ServiceSpec spec;
  spec.name = name;
  auto slash = name.find('/');
  if (slash != std::string::npos) spec.workload = name.substr(0, slash);
  spec.run.argv = {"/bin/" + name};
  spec.origin = {name + ".conf", 3, 1};
  for (auto& need : needs) spec.gates.push_back({need, GateKind::kReady, {}});
  return spec;
}

Workload Declared(const std::string& name, std::vector<std::string> needs = {}) {
  Workload workload;
  workload.name = name;
  workload.project = "/w/" + name;
  for (auto& need : needs) workload.gates.push_back({need, GateKind::kReady, {}});
  return workload;
}

Fragment Of(std::vector<ServiceSpec> services) {
  Fragment fragment;
  fragment.services = std::move(services);
  return fragment;
}

Fragment Invalid(const std::string& text) {
  Fragment fragment;
  fragment.valid = false;
  fragment.diagnostics.push_back({Severity::kError, {"/w/x", 1, 1}, text, "", ""});
  return fragment;
}

std::vector<std::string> Gates(const Plan& plan, const std::string& name) {
  std::vector<std::string> out;
  for (const auto& gate : plan.Find(name)->gates) out.push_back(gate.service);
  return out;
}

using Names = std::vector<std::string>;

TEST_CASE("a valid project is used, its seed is not") {
  Fragment d;
  d.workloads = {Declared("ini")};
  Plan plan = Assemble(d, {{"ini", Of({Service("ini/a")}), Of({Service("ini/seed")}), "", ""}}, {});
  REQUIRE(plan.services.size() == 1);
  CHECK(plan.services[0].name == "ini/a");
  CHECK(plan.workloads[0].source == WorkloadSource::kProject);
}

TEST_CASE("an invalid project falls back alone, and says why") {
  Fragment d;
  d.workloads = {Declared("ini"), Declared("yaml")};
  Plan plan = Assemble(d,
                       {{"ini", Invalid("bad"), Of({Service("ini/seed")}), "", ""},
                        {"yaml", Of({Service("yaml/x")}), Of({Service("yaml/seed")}), "", ""}},
                       {});
  CHECK(plan.Find("ini/seed"));
  CHECK(plan.Find("yaml/x"));
  CHECK(plan.workloads[0].source == WorkloadSource::kSeed);
  CHECK(plan.workloads[1].source == WorkloadSource::kProject);
  REQUIRE(plan.workloads[0].diagnostics.size() == 1);
  CHECK(plan.workloads[0].diagnostics[0].text == "bad");
}

TEST_CASE("a crashed reader means the seed; with neither the workload is empty") {
  Fragment d;
  d.workloads = {Declared("ini"), Declared("yaml")};
  Plan plan = Assemble(d,
                       {{"ini", std::nullopt, Of({Service("ini/seed")}), "reader killed by SIGSEGV", ""},
                        {"yaml", std::nullopt, std::nullopt, "reader killed", "reader killed"}},
                       {});
  CHECK(plan.Find("ini/seed"));
  CHECK(plan.workloads[0].diagnostics[0].text == "reader killed by SIGSEGV");
  CHECK(plan.workloads[1].source == WorkloadSource::kNone);
  CHECK(plan.workloads[1].diagnostics.size() == 2);
}

TEST_CASE("--safe takes seeds only") {
  Fragment d;
  d.workloads = {Declared("ini")};
  Plan plan = Assemble(d, {{"ini", Of({Service("ini/a")}), Of({Service("ini/seed")}), "", ""}}, {true});
  CHECK(plan.Find("ini/seed"));
  CHECK_FALSE(plan.Find("ini/a"));
}

TEST_CASE("names resolve: own workload, directory, full, unique bare, bundle, workload") {
  Fragment d = Of({Service("db"), Service("net")});
  d.workloads = {Declared("ini"), Declared("yaml")};
  d.bundles = {{"base-set", {"db", "net"}, {}}};
  auto yaml = Of({Service("yaml/web", {"api", "db", "ini/tool", "code", "base-set"}), Service("yaml/api"),
                  Service("yaml/all", {"ini"})});
  auto ini = Of({Service("ini/tool"), Service("ini/code"), Service("ini/api")});
  Plan plan = Assemble(d, {{"ini", ini, {}, "", ""}, {"yaml", yaml, {}, "", ""}}, {});
  CHECK(Gates(plan, "yaml/web") == Names{"yaml/api", "db", "ini/tool", "ini/code", "net"});
  CHECK(Gates(plan, "yaml/all") == Names{"ini/tool", "ini/code", "ini/api"});
  CHECK(plan.Find("yaml/all")->gates[0].kind == GateKind::kStarted);
  CHECK(plan.workloads[1].source == WorkloadSource::kProject);
}

TEST_CASE("an undefined dependency breaks a directory, rejects a project, breaks in a seed") {
  Fragment d = Of({Service("a", {"nope"}), Service("b")});
  d.workloads = {Declared("yaml")};
  Plan plan = Assemble(d,
                       {{"yaml", Of({Service("yaml/x", {"gone"})}),
                         Of({Service("yaml/s", {"gone"}), Service("yaml/t")}), "", ""}},
                       {});
  CHECK(plan.Find("a")->broken.find("undefined service 'nope'") != std::string::npos);
  CHECK(plan.Find("b")->broken.empty());
  CHECK(plan.workloads[0].source == WorkloadSource::kSeed);
  CHECK_FALSE(plan.Find("yaml/s")->broken.empty());
  CHECK(plan.Find("yaml/t")->broken.empty());
  CHECK(plan.workloads[0].diagnostics.size() >= 2);
}

TEST_CASE("when one project falls back, another that needs what is gone falls back too") {
  Fragment d;
  d.workloads = {Declared("ini"), Declared("yaml")};
  Plan plan = Assemble(
      d,
      {{"ini", Of({Service("ini/a", {"nope"}), Service("ini/b")}), Of({Service("ini/seed")}), "", ""},
       {"yaml", Of({Service("yaml/x", {"b"})}), Of({Service("yaml/seed")}), "", ""}},
      {});
  CHECK(plan.Find("ini/seed"));
  CHECK(plan.Find("yaml/seed"));
}

TEST_CASE("a cycle is printed as a path, breaks its members and nothing else") {
  Fragment d = Of({Service("a", {"b"}), Service("b", {"c"}), Service("c", {"a"}), Service("d")});
  Plan plan = Assemble(d, {}, {});
  CHECK(plan.Find("a")->broken == "dependency cycle: a -> b -> c -> a");
  CHECK_FALSE(plan.Find("c")->broken.empty());
  CHECK(plan.Find("d")->broken.empty());
  REQUIRE(plan.diagnostics.size() == 1);
  CHECK(plan.diagnostics[0].text.find("a -> b -> c -> a") != std::string::npos);
}

TEST_CASE("a service that depends on itself is a cycle; a bundle that contains its user is not") {
  Fragment d = Of({Service("a", {"a"}), Service("b", {"all"}), Service("c")});
  d.bundles = {{"all", {"b", "c"}, {}}};
  Plan plan = Assemble(d, {}, {});
  CHECK(plan.Find("a")->broken == "dependency cycle: a -> a");
  CHECK(Gates(plan, "b") == Names{"c"});
  CHECK(plan.Find("b")->broken.empty());
}

TEST_CASE("a workload's gates go to each of its services; an undefined one is reported and left out") {
  Fragment d = Of({Service("entry")});
  d.workloads = {Declared("ini", {"entry", "nope"})};
  Plan plan = Assemble(d, {{"ini", Of({Service("ini/a"), Service("ini/b")}), {}, "", ""}}, {});
  CHECK(Gates(plan, "ini/a") == Names{"entry"});
  CHECK(Gates(plan, "ini/b") == Names{"entry"});
  CHECK(plan.workloads[0].source == WorkloadSource::kProject);
  REQUIRE(HasErrors(plan.diagnostics));
}

TEST_CASE("the bundle user decides what starts, with what it needs") {
  Fragment d = Of({Service("a", {"need"}), Service("need"), Service("other")});
  d.workloads = {Declared("ini"), Declared("yaml")};
  d.bundles = {{"user", {"a", "ini", "nested"}, {}}, {"nested", {"ghost"}, {"services.d/nested", 0, 0}}};
  auto manual = Service("ini/manual");
  manual.autostart = false;
  Plan plan = Assemble(
      d, {{"ini", Of({Service("ini/x"), manual}), {}, "", ""}, {"yaml", Of({Service("yaml/y")}), {}, "", ""}},
      {});
  CHECK(plan.Find("a")->autostart);
  CHECK(plan.Find("need")->autostart);
  CHECK_FALSE(plan.Find("other")->autostart);
  CHECK(plan.Find("ini/x")->autostart);
  CHECK_FALSE(plan.Find("ini/manual")->autostart);
  CHECK_FALSE(plan.Find("yaml/y")->autostart);
  CHECK_FALSE(plan.workloads[1].autostart);
  CHECK(HasErrors(plan.diagnostics));  // ghost
}

TEST_CASE("two services of one name: both places are named") {
  auto second = Service("a");
  second.origin = {"other.conf", 9, 1};
  Plan plan = Assemble(Of({Service("a"), second}), {}, {});
  CHECK(plan.services.size() == 1);
  REQUIRE(plan.diagnostics.size() == 1);
  CHECK(plan.diagnostics[0].origin.file == "other.conf");
  CHECK(plan.diagnostics[0].hint == "first defined at a.conf:3");
}

TEST_CASE("programs that two workloads define are found by name and by command") {
  auto renamed = Service("yaml/z");
  renamed.run.argv = {"/bin/ini/b"};
  Fragment d;
  d.workloads = {Declared("ini"), Declared("yaml")};
  Plan plan = Assemble(d,
                       {{"ini", Of({Service("ini/a"), Service("ini/b")}), {}, "", ""},
                        {"yaml", Of({Service("yaml/a"), renamed}), {}, "", ""}},
                       {});
  auto found = FindDoubleDefinitions(plan);
  REQUIRE(found.size() == 2);
  CHECK(found[0].text.find("same name") != std::string::npos);
  CHECK(found[1].text.find("same command") != std::string::npos);
}

Gate To(const std::string& name, GateStrength strength, GateKind kind = GateKind::kReady) {
  Gate gate;
  gate.service = name;
  gate.kind = kind;
  gate.strength = strength;
  return gate;
}

TEST_CASE("a gate keeps all that it says when its name is resolved") {
  ServiceSpec user = Service("user-of-db");
  user.gates = {To("db", GateStrength::kSoft, GateKind::kHealthy)};
  user.gates[0].stop_along = user.gates[0].restart_along = true;
  Plan plan = Assemble(Of({Service("db"), user}), {}, {});
  CHECK(plan.Find("user-of-db")->gates == user.gates);
}

TEST_CASE("the name of a replicated service stands for all of them") {
  std::vector<ServiceSpec> services;
  for (std::uint32_t i = 0; i < 3; ++i) {
    services.push_back(Service("w/db-" + std::to_string(i)));
    services.back().replica = {"w/db", i, 3};
  }
  services.push_back(Service("w/web", {"db"}));
  Fragment d = Of({Service("outside", {"w/db"}), Service("bare", {"db"})});
  d.workloads = {Declared("w")};
  Plan plan = Assemble(d, {{"w", Of(services), {}, "", ""}}, {});
  const Names all = {"w/db-0", "w/db-1", "w/db-2"};
  CHECK(Gates(plan, "w/web") == all);
  CHECK(Gates(plan, "outside") == all);
  CHECK(Gates(plan, "bare") == all);
}

TEST_CASE("a bundle brings up every replica of its members") {
  std::vector<ServiceSpec> services = {Service("web-0"), Service("web-1"), Service("other")};
  services[0].replica = {"web", 0, 2};
  services[1].replica = {"web", 1, 2};
  Fragment d = Of(services);
  d.bundles = {{"user", {"web"}, {}}};
  Plan plan = Assemble(d, {}, {});
  CHECK(plan.bundles[0].members == Names{"web-0", "web-1"});
  CHECK(plan.Find("web-1")->autostart);
  CHECK_FALSE(plan.Find("other")->autostart);
}

TEST_CASE("what is said of one service counts more than what is said of its bundle") {
  Fragment d = Of({Service("db"), Service("cache"), Service("web", {"all"})});
  d.services[2].gates.push_back(To("db", GateStrength::kSoft));
  d.bundles = {{"all", {"db", "cache"}, {}}};
  Plan plan = Assemble(d, {}, {});
  REQUIRE(Gates(plan, "web") == Names{"cache", "db"});
  CHECK(plan.Find("web")->gates[1].strength == GateStrength::kSoft);
}

TEST_CASE("a gate that brings nothing up makes nothing autostart") {
  Fragment d = Of({Service("a"), Service("ordered"), Service("stopped"), Service("soft")});
  d.services[0].gates = {To("ordered", GateStrength::kOrder),
                         To("stopped", GateStrength::kHard, GateKind::kStopped),
                         To("soft", GateStrength::kSoft)};
  d.bundles = {{"user", {"a"}, {}}};
  Plan plan = Assemble(d, {}, {});
  CHECK_FALSE(plan.Find("ordered")->autostart);
  CHECK_FALSE(plan.Find("stopped")->autostart);
  CHECK(plan.Find("soft")->autostart);
}

TEST_CASE("order counts for cycles, waiting for a stop does not") {
  Fragment d = Of({Service("a"), Service("b", {"a"})});
  d.services[0].gates = {To("b", GateStrength::kHard, GateKind::kStopped)};
  CHECK(Assemble(d, {}, {}).Find("a")->broken.empty());
  d.services[0].gates = {To("b", GateStrength::kOrder)};
  CHECK(Assemble(d, {}, {}).Find("a")->broken == "dependency cycle: a -> b -> a");
}

}  // namespace
}  // namespace foster
