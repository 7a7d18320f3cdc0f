// SPDX-License-Identifier: MIT
#include "client/client.h"

#include <catch2/catch.hpp>

#include "fake_foster.h"

namespace foster {
namespace {

using Answer = FakeFoster::Answer;
constexpr Millis kLong{20'000};

TEST_CASE("a call gives the result of its own id") {
  FakeFoster fake([](const RpcRequest& request, int) {
    return Answer{{ResultLine(999, "stale"), ResultLine(request.id, Json(request.method + "!"))}};
  });
  auto client = Client::Connect(fake.path());
  REQUIRE(client.ok());
  auto first = client->Call("hello", Json(), kLong);
  REQUIRE(first.ok());
  CHECK(first->AsString() == "hello!");
  CHECK(client->Call("status", Json(Json::Object{{"all", true}}), kLong)->AsString() == "status!");
  CHECK(fake.requests() == std::vector<std::string>{"hello null", "status {\"all\":true}"});
}

TEST_CASE("an error reply gives its code, message and data") {
  FakeFoster fake([](const RpcRequest& request, int) {
    Json data;
    data.Set("close", Json::Array{"web"});
    return Answer{{FailureLine(request.id, {kRpcNoSuchService, "no service 'wbe'", data})}};
  });
  auto client = Client::Connect(fake.path());
  REQUIRE(client.ok());
  auto reply = client->Call("up", Json(), kLong);
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().code() == kRpcNoSuchService);
  CHECK(reply.error().message() == "no service 'wbe'");
  CHECK(client->last_failure().data["close"].AsArray().size() == 1);
}

TEST_CASE("notifications before a reply are kept in order") {
  FakeFoster fake([](const RpcRequest& request, int) {
    Answer answer;
    for (int i = 0; i < 3; ++i)
      answer.lines.push_back(NotificationLine("event", Json(Json::Object{{"n", i}})));
    answer.lines.push_back(ResultLine(request.id, true));
    answer.lines.push_back(NotificationLine("event", Json(Json::Object{{"n", 3}})));
    return answer;
  });
  auto client = Client::Connect(fake.path());
  REQUIRE(client.ok());
  REQUIRE(client->Call("events", Json(), kLong).ok());
  for (int i = 0; i < 4; ++i) {
    auto next = client->Next(kLong);
    REQUIRE(next.ok());
    REQUIRE(*next);
    CHECK((*next)->method == "event");
    CHECK((*next)->params["n"].AsInt() == i);
  }
  auto none = client->Next(Millis(0));
  REQUIRE(none.ok());
  CHECK_FALSE(*none);
  CHECK_FALSE(client->lagged());
}

TEST_CASE("a reply that comes after its timeout is not taken for the next one") {
  FakeFoster fake([](const RpcRequest& request, int) {
    if (request.method == "slow") return Answer{};
    return Answer{{ResultLine(1, "late"), ResultLine(request.id, "own")}};
  });
  auto client = Client::Connect(fake.path());
  REQUIRE(client.ok());
  auto slow = client->Call("slow", Json(), Millis(30));
  REQUIRE_FALSE(slow.ok());
  CHECK(slow.error().code() == -2);
  CHECK(client->Call("fast", Json(), kLong)->AsString() == "own");
}

TEST_CASE("a broken connection is code -1, behind what had come") {
  FakeFoster fake([](const RpcRequest& request, int) {
    return Answer{{ResultLine(request.id, true), NotificationLine("log", Json())}, true};
  });
  auto client = Client::Connect(fake.path());
  REQUIRE(client.ok());
  REQUIRE(client->Call("logs", Json(), kLong).ok());
  auto last = client->Next(kLong);
  REQUIRE(last.ok());
  REQUIRE(*last);
  auto broken = client->Next(kLong);
  REQUIRE_FALSE(broken.ok());
  CHECK(broken.error().code() == -1);
  CHECK(client->Call("status", Json(), kLong).error().code() == -1);
}

TEST_CASE("a refusal of the whole connection ends the call that waits") {
  FakeFoster fake([](const RpcRequest&, int) {
    return Answer{{FailureLine(Json(), {kRpcBusy, "too many connections", {}})}, true};
  });
  auto client = Client::Connect(fake.path());
  REQUIRE(client.ok());
  CHECK(client->Call("status", Json(), kLong).error().code() == kRpcBusy);
}

TEST_CASE("a reply longer than a request may be comes through") {
  const std::string big(3 * kMaxLine, 'x');
  FakeFoster fake(
      [&](const RpcRequest& request, int) { return Answer{{ResultLine(request.id, Json(big))}}; });
  auto client = Client::Connect(fake.path());
  REQUIRE(client.ok());
  auto reply = client->Call("status", Json(), kLong);
  REQUIRE(reply.ok());
  CHECK(reply->AsString() == big);
  CHECK(client->Call("up", Json(big), kLong).error().code() == kRpcInvalidRequest);
}

TEST_CASE("when too many notifications pile up the oldest are dropped and it is said") {
  FakeFoster fake([](const RpcRequest& request, int) {
    Answer answer;
    std::string lines;
    for (std::size_t i = 0; i < kMaxNotifications + 10; ++i) lines += NotificationLine("event", Json(i));
    return Answer{{lines, ResultLine(request.id, true)}};
  });
  auto client = Client::Connect(fake.path());
  REQUIRE(client.ok());
  REQUIRE(client->Call("events", Json(), kLong).ok());
  CHECK(client->lagged());
  auto next = client->Next(kLong);
  REQUIRE(next.ok());
  CHECK((*next)->params.AsInt() == 10);
}

TEST_CASE("where nobody listens the error says what was tried and what to do") {
  auto client = Client::Connect("/tmp/foster-no-such-directory/control.sock", Millis(0));
  REQUIRE_FALSE(client.ok());
  CHECK(client.error().code() == -1);
  CHECK(client.error().message().find("/tmp/foster-no-such-directory/control.sock") != std::string::npos);
  CHECK(client.error().message().find("FOSTER_SOCKET") != std::string::npos);
  auto too_long =
      Client::Connect("/tmp/" + std::string(200, 'x'), kLong);  // at once: trying again cannot help
  REQUIRE_FALSE(too_long.ok());
}

}  // namespace
}  // namespace foster
