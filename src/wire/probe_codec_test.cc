// SPDX-License-Identifier: MIT
// "Every field" is proved as in plan_codec_test.cc: structured bindings stop compiling when a struct gets a
// field, the JSON has as many members, each differs from the default, and all comes back as it went.
#include "wire/probe_codec.h"

#include <catch2/catch.hpp>

#include "wire/plan_codec.h"

namespace foster {
namespace {

TreeId FullTree() { return {"w/web", 7, 1234, 0xffff'ffff'ffff'fff0}; }

Probe FullProbe() {
  return {ProbeKind::kHttp,
          {{"check", ""}, "/srv"},
          true,
          "::1",
          8443,
          "/health",
          "HEAD",
          {"A: b"},
          201,
          299,
          "/run/\xff",
          "ready .*",
          true,
          Millis(1),
          Millis(2),
          Millis(3),
          kForever,
          5,
          6};
}

SocketSpec FullSocket() {
  return {SocketKind::kUnixSeqpacket, "::", 80, "/run/s", 0640, "root:adm", 128, "web", true};
}

ProberRequest FullRequest() {
  return {UINT64_MAX, ProberVerb::kFigures, FullProbe(), FullTree(), {FullSocket()}, {FullTree(), {}}};
}

PortFigure FullPort() { return {"tcp6", "[::]:80", 12}; }
ServiceFigures FullFigures() { return {"w/web", 1, 2, 3, 4.5, 6, 7, 8, 9, {FullPort()}}; }
ProberAnswer FullAnswer() { return {1ull << 63, true, "200 OK", {FullFigures()}}; }
CheckResult FullCheck() { return {"w/web", "readiness", "http", true, "200 OK", 12}; }

std::size_t FieldsOf(const TreeId& x) {
  [[maybe_unused]] const auto& [a, b, c, d] = x;
  return 4;
}
std::size_t FieldsOf(const ProberRequest& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f] = x;
  return 6;
}
std::size_t FieldsOf(const ProberAnswer& x) {
  [[maybe_unused]] const auto& [a, b, c, d] = x;
  return 4;
}
std::size_t FieldsOf(const PortFigure& x) {
  [[maybe_unused]] const auto& [a, b, c] = x;
  return 3;
}
std::size_t FieldsOf(const ServiceFigures& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j] = x;
  return 10;
}
std::size_t FieldsOf(const CheckResult& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f] = x;
  return 6;
}
std::size_t FieldsOf(const Probe& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = x;
  return 19;
}
std::size_t FieldsOf(const SocketSpec& x) {
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i] = x;
  return 9;
}

void CheckMembers(const Json& full, const Json& untouched, std::size_t count) {
  REQUIRE(full.AsObject().size() == count);
  for (const auto& [key, value] : full.AsObject()) {
    INFO(key);
    CHECK(untouched.Has(key));
    CHECK_FALSE(value == untouched[key]);
  }
}

Json Sent(const Json& json) {
  auto read = ParseJson(json.Dump());
  REQUIRE(read.ok());
  return *read;
}

TEST_CASE("every field of what goes to the prober and back is written") {
  const Json request = ToJson(FullRequest());
  const Json untouched = ToJson(ProberRequest{});
  CheckMembers(request, untouched, FieldsOf(FullRequest()));
  CHECK(request["probe"].AsObject().size() == FieldsOf(FullProbe()));  // a default one writes nothing
  CHECK(untouched["probe"].AsObject().empty());
  CheckMembers(request["tree"], untouched["tree"], FieldsOf(FullTree()));
  CheckMembers(request["sockets"].AsArray()[0], ToJson(SocketSpec{}), FieldsOf(FullSocket()));
  CheckMembers(request["trees"].AsArray()[0], untouched["tree"], FieldsOf(FullTree()));
  CheckMembers(ToJson(FullAnswer()), ToJson(ProberAnswer{}), FieldsOf(FullAnswer()));
  CheckMembers(ToJson(FullFigures()), ToJson(ServiceFigures{}), FieldsOf(FullFigures()));
  CheckMembers(ToJson(FullCheck()), ToJson(CheckResult{}), FieldsOf(FullCheck()));
  ServiceFigures empty_port;
  empty_port.ports.emplace_back();
  CheckMembers(ToJson(FullFigures())["ports"].AsArray()[0], ToJson(empty_port)["ports"].AsArray()[0],
               FieldsOf(FullPort()));
}

TEST_CASE("requests, answers, figures and checks come back as they went") {
  auto request = ProberRequestFromJson(Sent(ToJson(FullRequest())));
  REQUIRE(request.ok());
  CHECK(*request == FullRequest());
  auto empty = ProberRequestFromJson(Sent(ToJson(ProberRequest{})));
  REQUIRE(empty.ok());
  CHECK(*empty == ProberRequest{});
  auto answer = ProberAnswerFromJson(Sent(ToJson(FullAnswer())));
  REQUIRE(answer.ok());
  CHECK(*answer == FullAnswer());
  auto no_answer = ProberAnswerFromJson(Sent(ToJson(ProberAnswer{})));
  REQUIRE(no_answer.ok());
  CHECK(*no_answer == ProberAnswer{});
  CHECK(ServiceFiguresFromJson(Sent(ToJson(FullFigures()))) == FullFigures());
  CHECK(ServiceFiguresFromJson(Sent(ToJson(ServiceFigures{}))) == ServiceFigures{});
  CHECK(CheckResultFromJson(Sent(ToJson(FullCheck()))) == FullCheck());
}

TEST_CASE("every verb has a name of its own") {
  for (auto verb : {ProberVerb::kProbe, ProberVerb::kQuiet, ProberVerb::kFigures, ProberVerb::kPorts,
                    ProberVerb::kLogGrew, ProberVerb::kCancel}) {
    auto back = ProberRequestFromJson(ToJson(ProberRequest{1, verb, {}, {}, {}, {}}));
    REQUIRE(back.ok());
    CHECK(back->verb == verb);
  }
}

std::string RequestError(std::string_view text) {
  auto request = ProberRequestFromJson(*ParseJson(text));
  REQUIRE_FALSE(request.ok());
  return request.error().message();
}

TEST_CASE("what cannot be understood is refused, with the member that is wrong") {
  CHECK(RequestError("7") == "cannot read the request: it has no id");
  CHECK(RequestError(R"({"id":"1","verb":"probe"})") == "cannot read the request: it has no id");
  CHECK(RequestError(R"({"id":1,"verb":"peek"})") == "cannot read the request: unknown verb 'peek'");
  CHECK(RequestError(R"({"id":1,"verb":"probe","probe":{"port":65536}})") ==
        "cannot read the probe: port: 65536 is out of range");
  CHECK(RequestError(R"({"id":1,"verb":"quiet","sockets":[{"kind":"pipe"}]})") ==
        "cannot read the socket: kind: unknown kind of socket 'pipe'");
  CHECK(RequestError(R"({"id":1,"verb":"figures","trees":[1]})") == "a tree must be an object");
  CHECK_FALSE(ProberAnswerFromJson(*ParseJson("[]")).ok());
  CHECK_FALSE(ProberAnswerFromJson(*ParseJson(R"({"id":1,"text":"x"})")).ok());
}

TEST_CASE("a full request for figures fits into a packet") {
  ProberRequest request{UINT64_MAX, ProberVerb::kFigures, FullProbe(), {}, {}, {}};
  for (std::size_t i = 0; i < kMaxFiguresPerPacket; ++i)
    request.trees.push_back({std::string(119, 'n'), UINT64_MAX, INT32_MAX, 1ull << 63});
  CHECK(ToJson(request).Dump().size() < kMaxProberPacket / 4);
}

}  // namespace
}  // namespace foster
