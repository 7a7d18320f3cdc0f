// SPDX-License-Identifier: MIT
// How "every field" is proved: a structured binding fails to compile when a struct gets a field; the JSON
// must have as many members; every member of the filled value differs from the default; and it comes back as
// it went. A service leaves out what is as in a default one: there the number of members alone proves both.
#include "wire/plan_codec.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

Origin At(std::uint32_t line) { return {"/etc/foster/x.conf", line, line + 1}; }

Gate FullGate() { return {"db", GateKind::kHealthy, At(1), GateStrength::kSoft, true, true}; }
Command FullCommand(const char* word) { return {{word, "--flag", ""}, "/srv"}; }
StopPolicy FullStop() {
  return {StopMethod::kKeys, SIGINT, SignalScope::kTree, Millis(77), FullCommand("stop"), "\x03\xff", true};
}
ExitRule FullRule() { return {true, SIGSEGV, ExitRule::Verdict::kFail}; }
RestartPolicy FullRestart() {
  return {RestartWhen::kOnFailure,
          false,
          Millis(1),
          Millis(2),
          3,
          Millis(4),
          Millis(5),
          Millis(6),
          7,
          8,
          true,
          10,
          11,
          Millis(12),
          {FullRule()}};
}
Probe FullProbe() {
  return {ProbeKind::kHttp,
          FullCommand("check"),
          true,
          "::1",
          8443,
          "/health",
          "HEAD",
          {"A: b"},
          201,
          299,
          "/run/x",
          "ready .*",
          true,
          Millis(1),
          Millis(2),
          Millis(3),
          Millis(4),
          5,
          6};
}
Readiness FullReadiness() { return {3, Millis(9), true, FullProbe(), FailureAction::kByPolicy}; }
Liveness FullLiveness() { return {FullProbe(), Millis(10), FailureAction::kEndWorkload}; }
Daemon FullDaemon() { return {Follow::kPidFile, "/run/x.pid"}; }
CronFields FullCronFields() { return {1ull << 59, 2, 3, 4, 5, 6, false, false}; }
Schedule FullSchedule() {
  return {ScheduleKind::kCron, "*/5 * * * *", FullCronFields(), "Asia/Tokyo", Millis(1), -7,
          Overlap::kReplace,   true};
}
SocketSpec FullSocket() {
  return {SocketKind::kUnixSeqpacket, "::", 80, "/run/s", 0640, "root:adm", 128, "web", true};
}
ResourceLimit FullLimit() { return {"nofile", 1024, UINT64_MAX}; }
CgroupLimits FullCgroup() { return {UINT64_MAX, 2, 150, 100, 64}; }
Isolation FullIsolation() {
  return {{{"adm", "7"}}, "/srv", {FullLimit()}, -5,   IoClass::kIdle, 7,   100, {{"chown"}},
          {"net_raw"},    true,   true,          true, FullCgroup(),   0xff};
}
Replica FullReplica() { return {"w/web", 2, 3}; }
LogFormatOptions FullFormatOptions() { return {true, "15:04", false, false, {"time", "level"}}; }
LogRotation FullRotation() {
  return {4096, Millis(1), UINT32_MAX, 2, Millis(3), LogNaming::kDated, LogCompression::kZstd};
}
LogSink FullSink() {
  return {LogSinkKind::kLoki,
          false,
          false,
          "http://h/p",
          LogFormat::kJson,
          FullFormatOptions(),
          FullRotation(),
          0600,
          true,
          true,
          {"A: b"},
          {"c=d"},
          16};
}
LogSpec FullLog() { return {1 << 20, LogOverflow::kDropOldest, LogFullDisk::kWait, false, {FullSink()}}; }
Secret FullSecret() { return {"TOKEN", "/run/secrets/token"}; }
Diagnostic FullDiagnostic() { return {Severity::kNote, At(2), "text", "hint", "line"}; }

ServiceSpec FullSpec() {
  ServiceSpec s;
  s.name = "w/web";
  s.workload = "w";
  s.group = "g";
  s.type = ServiceType::kOneshot;
  s.autostart = false;
  s.internal = true;
  s.broken = "x:1:1: no";
  s.run = FullCommand("run");
  s.finish = FullCommand("finish");
  s.down = FullCommand("down");
  s.environment = {"A=1", "B=\xff\xfe", std::string("C=\0d", 4)};
  s.identity = {"user", "group", 022};
  s.isolation = FullIsolation();
  s.readiness = FullReadiness();
  s.liveness = FullLiveness();
  s.restart = FullRestart();
  s.success_codes = {0, 2};
  s.success_signals = {SIGTERM};
  s.stop = FullStop();
  s.timeouts = {Millis(1), Millis(2), kForever};
  s.daemon = FullDaemon();
  s.stdin_from = Stdin::kTerminal;
  s.schedule = FullSchedule();
  s.sockets = {FullSocket()};
  s.activation = Activation::kOnDemand;
  s.idle_stop = Millis(5);
  s.when_ended = Consequence::kEndWorkload;
  s.when_failed = Consequence::kEndContainer;
  s.replica = FullReplica();
  s.merge_stderr = true;
  s.log = FullLog();
  s.secrets = {FullSecret()};
  s.priority = 5;
  s.description = "d \xe2\x82\xac";
  s.directory = "/etc/foster/services.d/web";
  s.gates = {FullGate()};
  s.origin = At(3);
  return s;
}

Listener FullListener() { return {"rest", "::1", 8080, "/run/x.sock", 0600, "root", "u", "{SHA}00", At(4)}; }

Workload FullWorkload() {
  return {"w",
          WorkloadFormat::kProcessCompose,
          "/p",
          "/s",
          WorkloadSource::kSeed,
          false,
          "id",
          {FullListener()},
          {FullGate()},
          {FullDiagnostic()},
          At(5)};
}

Bundle FullBundle() { return {"user", {"a", "b"}, At(6)}; }
Plan FullPlan() { return {{FullSpec()}, {FullWorkload()}, {FullBundle()}, {FullDiagnostic()}}; }
Fragment FullFragment() {
  return {false, {FullSpec()}, {FullBundle()}, {FullWorkload()}, "id", {FullListener()}, {FullDiagnostic()}};
}

// One overload per struct; the number returned is the number of names bound.
std::size_t FieldsOf(const ServiceSpec& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, y, z, aa,
                                bb, cc, dd, ee, ff, gg, hh, ii, jj, kk, ll] = x;
  return 37;
}
std::size_t FieldsOf(const LogSpec& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e] = x;
  return 5;
}
std::size_t FieldsOf(const LogSink& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = x;
  return 13;
}
std::size_t FieldsOf(const LogRotation& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g] = x;
  return 7;
}
std::size_t FieldsOf(const LogFormatOptions& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e] = x;
  return 5;
}
std::size_t FieldsOf(const Secret& x) {
  [[maybe_unused]] const auto& [a, b] = x;
  return 2;
}
std::size_t FieldsOf(const StopPolicy& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g] = x;
  return 7;
}
std::size_t FieldsOf(const RestartPolicy& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = x;
  return 15;
}
std::size_t FieldsOf(const Readiness& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e] = x;
  return 5;
}
std::size_t FieldsOf(const Probe& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = x;
  return 19;
}
std::size_t FieldsOf(const Liveness& x) {
  [[maybe_unused]] const auto& [a, b, c] = x;
  return 3;
}
std::size_t FieldsOf(const ExitRule& x) {
  [[maybe_unused]] const auto& [a, b, c] = x;
  return 3;
}
std::size_t FieldsOf(const Daemon& x) {
  [[maybe_unused]] const auto& [a, b] = x;
  return 2;
}
std::size_t FieldsOf(const CronFields& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h] = x;
  return 8;
}
std::size_t FieldsOf(const Schedule& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h] = x;
  return 8;
}
std::size_t FieldsOf(const SocketSpec& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i] = x;
  return 9;
}
std::size_t FieldsOf(const ResourceLimit& x) {
  [[maybe_unused]] const auto& [a, b, c] = x;
  return 3;
}
std::size_t FieldsOf(const CgroupLimits& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e] = x;
  return 5;
}
std::size_t FieldsOf(const Isolation& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = x;
  return 14;
}
std::size_t FieldsOf(const Replica& x) {
  [[maybe_unused]] const auto& [a, b, c] = x;
  return 3;
}
std::size_t FieldsOf(const Identity& x) {
  [[maybe_unused]] const auto& [a, b, c] = x;
  return 3;
}
std::size_t FieldsOf(const Timeouts& x) {
  [[maybe_unused]] const auto& [a, b, c] = x;
  return 3;
}
std::size_t FieldsOf(const Command& x) {
  [[maybe_unused]] const auto& [a, b] = x;
  return 2;
}
std::size_t FieldsOf(const Gate& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f] = x;
  return 6;
}
std::size_t FieldsOf(const Origin& x) {
  [[maybe_unused]] const auto& [a, b, c] = x;
  return 3;
}
std::size_t FieldsOf(const Listener& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i] = x;
  return 9;
}
std::size_t FieldsOf(const Workload& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k] = x;
  return 11;
}
std::size_t FieldsOf(const Bundle& x) {
  [[maybe_unused]] const auto& [a, b, c] = x;
  return 3;
}
std::size_t FieldsOf(const Plan& x) {
  [[maybe_unused]] const auto& [a, b, c, d] = x;
  return 4;
}
std::size_t FieldsOf(const Fragment& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g] = x;
  return 7;
}
std::size_t FieldsOf(const Diagnostic& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e] = x;
  return 5 + 2;  // its origin lies flat in it: three members instead of one
}

void CheckMembers(const Json& full, const Json& untouched, std::size_t count) {
  REQUIRE(full.AsObject().size() == count);
  for (const auto& [key, value] : full.AsObject()) {
    INFO(key);
    CHECK(untouched.Has(key));
    CHECK_FALSE(value == untouched[key]);
  }
}

TEST_CASE("every field of a service is written") {
  Json full = ToJson(FullSpec());
  CHECK(ToJson(ServiceSpec{}).AsObject().empty());  // what is as in a default one is left out
  CHECK(full.AsObject().size() == FieldsOf(FullSpec()));
  CHECK(full["stop"].AsObject().size() == FieldsOf(FullStop()));
  CHECK(full["restart"].AsObject().size() == FieldsOf(FullRestart()));
  CHECK(full["readiness"].AsObject().size() == FieldsOf(FullSpec().readiness));
  CHECK(full["identity"].AsObject().size() == FieldsOf(FullSpec().identity));
  CHECK(full["timeouts"].AsObject().size() == FieldsOf(FullSpec().timeouts));
  CHECK(full["run"].AsObject().size() == FieldsOf(FullSpec().run));
  CHECK(full["origin"].AsObject().size() == FieldsOf(FullSpec().origin));
  CHECK(full["readiness"]["probe"].AsObject().size() == FieldsOf(FullProbe()));
  CHECK(full["liveness"].AsObject().size() == FieldsOf(FullLiveness()));
  CHECK(full["daemon"].AsObject().size() == FieldsOf(FullDaemon()));
  CHECK(full["schedule"].AsObject().size() == FieldsOf(FullSchedule()));
  CHECK(full["schedule"]["fields"].AsObject().size() == FieldsOf(FullCronFields()));
  CHECK(full["isolation"].AsObject().size() == FieldsOf(FullIsolation()));
  CHECK(full["isolation"]["cgroup"].AsObject().size() == FieldsOf(FullCgroup()));
  CHECK(full["replica"].AsObject().size() == FieldsOf(FullReplica()));
  CHECK(full["restart"]["rules"].AsArray()[0].AsObject().size() == FieldsOf(FullRule()));
  CHECK(full["isolation"]["limits"].AsArray()[0].AsObject().size() == FieldsOf(FullLimit()));
  CHECK(full["sockets"].AsArray()[0].AsObject().size() == FieldsOf(FullSocket()));
  CHECK(full["gates"].AsArray()[0].AsObject().size() == FieldsOf(FullGate()));
}

TEST_CASE("every field of a service's log is written") {
  Json full = ToJson(FullSpec());
  CHECK(full["log"].AsObject().size() == FieldsOf(FullLog()));
  const Json& sink = full["log"]["sinks"].AsArray()[0];
  CHECK(sink.AsObject().size() == FieldsOf(FullSink()));
  CHECK(sink["rotation"].AsObject().size() == FieldsOf(FullRotation()));
  CHECK(sink["format_options"].AsObject().size() == FieldsOf(FullFormatOptions()));
  CHECK(full["secrets"].AsArray()[0].AsObject().size() == FieldsOf(FullSecret()));
  CHECK(ToJson(LogSpec{}).AsObject().empty());
}

TEST_CASE("every field of a plan and of a fragment is written") {
  CheckMembers(ToJson(FullWorkload()), ToJson(Workload{}), FieldsOf(FullWorkload()));
  CheckMembers(ToJson(FullDiagnostic()), ToJson(Diagnostic{}), FieldsOf(FullDiagnostic()));
  CheckMembers(ToJson(FullPlan()), ToJson(Plan{}), FieldsOf(FullPlan()));
  CheckMembers(ToJson(FullFragment()), ToJson(Fragment{}), FieldsOf(FullFragment()));
  CHECK(ToJson(FullWorkload())["listeners"].AsArray()[0].AsObject().size() == FieldsOf(FullListener()));
  CHECK(ToJson(FullPlan())["bundles"].AsArray()[0].AsObject().size() == FieldsOf(FullBundle()));
}

// Origins compare equal whatever they hold, so the second writing is compared as text too.
TEST_CASE("a plan and a fragment come back as they went, origins included") {
  std::string plan_text = ToJson(FullPlan()).Dump();
  auto plan = PlanFromJson(*ParseJson(plan_text));
  REQUIRE(plan.ok());
  CHECK(*plan == FullPlan());
  CHECK(ToJson(*plan).Dump() == plan_text);
  CHECK(plan->services[0].gates[0].origin.line == 1);
  CHECK(plan->diagnostics[0].origin.column == 3);
  CHECK(plan->services[0].environment[1] == "B=\xff\xfe");
  CHECK(plan->services[0].environment[2].size() == 4);

  std::string fragment_text = ToJson(FullFragment()).Dump();
  auto fragment = FragmentFromJson(*ParseJson(fragment_text));
  REQUIRE(fragment.ok());
  CHECK(*fragment == FullFragment());
  CHECK(ToJson(*fragment).Dump() == fragment_text);
}

TEST_CASE("defaults come back too, no limit included") {
  auto spec = ServiceSpecFromJson(ToJson(ServiceSpec{}));
  REQUIRE(spec.ok());
  CHECK(*spec == ServiceSpec{});
  CHECK(spec->timeouts.up == kForever);
  CHECK(spec->restart.max_restarts == kUnlimited);
  CHECK_FALSE(spec->identity.umask);
}

TEST_CASE("a number over INT64_MAX comes through") {
  ServiceSpec spec;
  spec.isolation.limits = {{"core", UINT64_MAX, 0x8000000000000001}, {"as", INT64_MAX, 0}};
  spec.isolation.cgroup.memory_max = UINT64_MAX - 1;
  spec.isolation.capabilities = std::vector<std::string>{};  // none; not the same as not said
  auto again = ServiceSpecFromJson(*ParseJson(ToJson(spec).Dump()));
  REQUIRE(again.ok());
  CHECK(*again == spec);
  CHECK(ToJson(spec)["isolation"]["limits"].AsArray()[0]["soft"].AsInt() == -1);
}

TEST_CASE("64 KiB values come through byte for byte") {
  ServiceSpec spec;
  std::string value = "X=";
  for (int i = 0; i < 65536; ++i) value.push_back(static_cast<char>(i * 7));
  spec.environment = {value, "Y=\xed\xa0\x80", "Z=\xc0\xaf", "W=\xf4\x90\x80\x80", "V=\xe2\x82"};
  auto again = ServiceSpecFromJson(*ParseJson(ToJson(spec).Dump()));
  REQUIRE(again.ok());
  CHECK(again->environment == spec.environment);
}

std::string PlanError(std::string_view text) {
  auto json = ParseJson(text);
  REQUIRE(json.ok());
  auto plan = PlanFromJson(*json);
  REQUIRE_FALSE(plan.ok());
  return plan.error().message();
}

TEST_CASE("an error names the path that leads to the member") {
  CHECK(PlanError(R"({"services":[{},{"stop":{"scope":"x"}}]})") ==
        "cannot read the plan: services[1].stop.scope: unknown scope 'x'");
  CHECK(PlanError(R"({"services":[{"gates":[{"kind":"open"}]}]})") ==
        "cannot read the plan: services[0].gates[0].kind: unknown gate kind 'open'");
  CHECK(PlanError(R"({"services":[7]})") == "cannot read the plan: services[0]: must be an object");
  CHECK(PlanError(R"({"workloads":[{"listeners":[{"port":65536}]}]})") ==
        "cannot read the plan: workloads[0].listeners[0].port: 65536 is out of range");
  CHECK(PlanError(R"({"services":[{"timeouts":{"up":-1}}]})") ==
        "cannot read the plan: services[0].timeouts.up: must be milliseconds or null");
  CHECK(PlanError(R"({"services":[{"run":{"argv":["a",1]}}]})") ==
        "cannot read the plan: services[0].run.argv[1]: must be a string");
  CHECK(PlanError("[]") == "cannot read the plan: must be an object");
}

TEST_CASE("a plan of an older peer keeps the defaults of what it does not have") {
  auto spec = ServiceSpecFromJson(*ParseJson(R"({"name":"a","future":[1,2]})"));
  REQUIRE(spec.ok());
  CHECK(spec->priority == 999);
  CHECK(spec->success_codes == std::vector<int>{0});
}

}  // namespace
}  // namespace foster
