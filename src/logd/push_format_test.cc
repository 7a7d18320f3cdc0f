// SPDX-License-Identifier: MIT
// Bodies for collectors, byte for byte, and what their answers mean.
#include <catch2/catch.hpp>

#include "logd/loki_sink.h"
#include "logd/otlp_sink.h"
#include "wire/json.h"

namespace foster {
namespace {

const PushOrigin kOrigin{
    "web", "app", "box", "00112233445566778899aabbccddeeff", {"env=dev", "odd", "=x", "team-name=a=b"}};

std::vector<SourceLine> Lines() {
  std::vector<SourceLine> lines(2);
  lines[0] = {0, false, false, 1, 1'000, 5, 3, 6, "hello"};
  lines[1] = {1, true, true, 2, 2'000, 6, 0, 9, "WARN: \"\xff\""};
  return lines;
}

TEST_CASE("a body of OTLP") {
  const auto lines = Lines();
  CHECK(
      OtlpFormat().Body({kOrigin, lines, 0, 9}) ==
      R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}},)"
      R"({"key":"service.namespace","value":{"stringValue":"app"}},)"
      R"({"key":"service.instance.id","value":{"stringValue":"00112233445566778899aabbccddeeff"}},)"
      R"({"key":"host.name","value":{"stringValue":"box"}},)"
      R"({"key":"foster.boot","value":{"stringValue":"00112233445566778899aabbccddeeff"}},)"
      R"({"key":"env","value":{"stringValue":"dev"}},{"key":"team-name","value":{"stringValue":"a=b"}}]},)"
      R"("scopeLogs":[{"scope":{"name":"foster","version":")" FOSTER_VERSION R"("},"logRecords":[)"
      R"({"timeUnixNano":"1000","observedTimeUnixNano":"1000","body":{"stringValue":"hello"},"attributes":[)"
      R"({"key":"log.iostream","value":{"stringValue":"stdout"}},{"key":"foster.seq","value":{"intValue":"1"}},)"
      R"({"key":"foster.incarnation","value":{"intValue":"3"}}]},)"
      R"({"timeUnixNano":"2000","observedTimeUnixNano":"2000","severityNumber":13,"severityText":"WARN",)"
      "\"body\":{\"stringValue\":\"WARN: \\\"\\ufffd\\\"\"},"
      R"("attributes":[{"key":"log.iostream","value":{"stringValue":"stderr"}},{"key":"foster.seq","value":{"intValue":"2"}},)"
      R"({"key":"foster.continued","value":{"boolValue":true}},{"key":"foster.cut","value":{"boolValue":true}}]}]}]}]})");
}

TEST_CASE("a body of Loki: a stream per stdout and stderr") {
  const auto lines = Lines();
  LokiFormat format;
  CHECK(
      format.Body({kOrigin, lines, 0, 9}) ==
      R"({"streams":[{"stream":{"env":"dev","host":"box","service":"web","stream":"stdout","team_name":"a=b","workload":"app"},)"
      R"("values":[["1000","hello",{"seq":"1","incarnation":"3"}]]},)"
      R"({"stream":{"env":"dev","host":"box","service":"web","stream":"stderr","team_name":"a=b","workload":"app"},)"
      "\"values\":[[\"2000\",\"WARN: \\\"\\ufffd\\\"\","
      R"({"seq":"2","level":"warn","continued":"true","cut":"true"}]]}]})");
}

TEST_CASE("a Loki that knows no structured metadata is sent none") {
  const auto lines = Lines();
  LokiFormat format;
  CHECK_FALSE(format.Adapt(400, "entry too far behind"));
  CHECK_FALSE(format.Adapt(500, "structured metadata"));
  CHECK(format.Adapt(400, "this tenant may not send Structured Metadata"));
  CHECK_FALSE(format.Adapt(400, "structured metadata"));
  const std::string body = format.Body({kOrigin, lines, 0, 9});
  CHECK(body.find(R"(["1000","hello"])") != std::string::npos);
  CHECK(body.find("seq") == std::string::npos);
}

TEST_CASE("what was skipped is told before the lines that follow") {
  auto lines = Lines();
  const std::string text = SkippedText(77);
  const auto otlp = ParseJson(OtlpFormat().Body({kOrigin, lines, 77, 9})).value();
  const auto& records = otlp["resourceLogs"].AsArray()[0]["scopeLogs"].AsArray()[0]["logRecords"].AsArray();
  REQUIRE(records.size() == 3);
  CHECK(records[0]["body"]["stringValue"].AsString() == text);
  lines.erase(lines.begin());
  const auto loki = ParseJson(LokiFormat().Body({kOrigin, lines, 77, 9})).value();
  REQUIRE(loki["streams"].AsArray().size() == 1);
  const auto& values = loki["streams"].AsArray()[0]["values"].AsArray();
  REQUIRE(values.size() == 2);
  CHECK(values[0].AsArray()[0].AsString() == "2000");
  CHECK(values[0].AsArray()[1].AsString() == text);
}

TEST_CASE("labels are few, short, and have names that Loki takes") {
  PushOrigin origin = kOrigin;
  origin.labels = {"9lives=1", "long=" + std::string(5000, 'x'), "service=mine"};
  for (int i = 0; i < 100; ++i) origin.labels.push_back("l" + std::to_string(i) + "=v");
  const auto lines = Lines();
  const auto body = ParseJson(LokiFormat().Body({origin, lines, 0, 9})).value();
  const Json& labels = body["streams"].AsArray()[0]["stream"];
  CHECK(labels.AsObject().size() == kLokiLabels);
  CHECK(labels["_9lives"].AsString() == "1");
  CHECK(labels["long"].AsString().size() == kLokiLabelBytes);
  CHECK(labels["service"].AsString() == "mine");
}

TEST_CASE("a partial success is counted") {
  const OtlpFormat format;
  CHECK(format.Rejected("") == 0);
  CHECK(format.Rejected("{}") == 0);
  CHECK(format.Rejected(R"({"partialSuccess":{}})") == 0);
  CHECK(format.Rejected(R"({"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"x"}})") == 3);
  CHECK(format.Rejected(R"({"partialSuccess":{"rejectedLogRecords":4}})") == 4);
  CHECK(format.Rejected(R"({"partialSuccess":)") == 0);
}

TEST_CASE("Retry-After in seconds and as a date") {
  const WallNanos now = 1'795'246'355'000'000'000;  // Sat, 21 Nov 2026 07:32:35 GMT
  CHECK(RetryAfter("7", now) == Millis(7'000));
  CHECK(RetryAfter(" 99999999999 ", now) == Millis(300'000));
  CHECK(RetryAfter("Sat, 21 Nov 2026 07:33:05 GMT", now) == Millis(30'000));
  CHECK(RetryAfter("Sat, 21 Nov 2025 07:33:05 GMT", now) == Millis(0));
  for (const char* bad : {"", "soon", "-3", "7x"}) CHECK(RetryAfter(bad, now) == Millis(0));
}

}  // namespace
}  // namespace foster
