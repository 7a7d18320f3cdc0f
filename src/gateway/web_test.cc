// SPDX-License-Identifier: MIT
#include "gateway/web.h"

#include <catch2/catch.hpp>

#include "gateway/fake_control.h"
#include "gateway/rest_gateway.h"

namespace foster {
namespace {

HttpRequest Request(const std::string& method, const std::string& path, const std::string& query = "",
                    const std::string& body = "") {
  HttpRequest request;
  request.method = method;
  request.path = request.raw_path = path;
  request.query = query;
  request.body = body;
  return request;
}

bool Holds(const HttpResponse& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

TEST_CASE("the page shows services with buttons and escapes what it shows") {
  FakeControl control;
  control.Add("w/up", State::kRunning);
  control.Add("w/<b>", State::kStopped);
  auto page = ServeWeb(control, "w", Request("GET", "/", "message=<script>alert(1)</script>"));
  REQUIRE(page);
  CHECK(page->status == 200);
  CHECK(Holds(*page, "value=stop"));
  CHECK(Holds(*page, "value=start "));
  CHECK_FALSE(Holds(*page, "<script>alert"));
  CHECK_FALSE(Holds(*page, "<b>"));
  CHECK_FALSE(Holds(*page, "http://"));
  CHECK_FALSE(Holds(*page, "https://"));
}

TEST_CASE("a workload on its seed says so, with the error") {
  FakeControl control;
  control.workloads.push_back(*ParseJson(
      R"({"name":"w","source":"seed","project":"/p.conf","diagnostics":[{"severity":"error","file":"/p.conf",
          "line":3,"column":1,"text":"no command"}]})"));
  auto page = ServeWeb(control, "w", Request("GET", "/"));
  CHECK(Holds(*page, "runs on its seed"));
  CHECK(Holds(*page, "/p.conf:3:1: no command"));
}

TEST_CASE("a GET changes nothing, whatever its query says") {
  FakeControl control;
  control.Add("w/a", State::kRunning);
  for (const char* query : {"action=stop&processname=a", "action=stopall", "action=restartall"}) {
    auto page = ServeWeb(control, "w", Request("GET", "/index.html", query));
    CHECK(page->status == 200);
    CHECK(Holds(*page, "method=post"));
  }
  REQUIRE(control.last().empty());
}

TEST_CASE("a POST does it and leads back") {
  FakeControl control;
  control.Add("w/g:a", State::kRunning);
  auto reply = ServeWeb(control, "w", Request("POST", "/", "", "action=stop&processname=g%3Aa"));
  CHECK(reply->status == 303);
  CHECK(reply->headers[0].value == "./?message=Process%20g%3Aa%20stopped");
  CHECK(control.last().starts_with(R"(down {"names":["w/g:a"])"));
  CHECK(ServeWeb(control, "w", Request("POST", "/", "", "action=format"))->status == 400);
  control.Fail(State::kFailed, "exited with code 1");
  reply = ServeWeb(control, "w", Request("POST", "/", "", "action=restart&processname=g:a"));
  CHECK(reply->headers[0].value.find("ERROR") != std::string::npos);
}

TEST_CASE("an action that takes long is told as unfinished, and waits no longer than a person would") {
  FakeControl control;
  control.Add("w/slow", State::kRunning);
  control.Fail(State::kStopping, std::string(kOutcomeUnknown));
  auto reply = ServeWeb(control, "w", Request("POST", "/", "", "action=stop&processname=slow"));
  CHECK(reply->status == 303);
  CHECK(reply->headers[0].value == "./?message=Not%20done%20yet%3A%20slow%20is%20stopping");
  CHECK(control.last().find(R"("timeout_ms":10000)") != std::string::npos);
}

TEST_CASE("each state has a word, a shape and a colour, and says why there is no process") {
  FakeControl control;
  control.Add("w/gone", State::kFailed);
  control.services["w/gone"].cause = "gave up <now>";
  control.Add("w/up", State::kRunning);
  auto page = ServeWeb(control, "w", Request("GET", "/"));
  CHECK(Holds(*page, "<td class=\"state bad\"><i class=failed aria-hidden=true></i><strong>failed</strong>"));
  CHECK(Holds(*page,
              "<td class=\"state good\"><i class=running aria-hidden=true></i><strong>running</strong>"));
  CHECK(Holds(*page, "gave up &lt;now&gt;"));
  CHECK(Holds(*page, "<strong>1</strong> running"));
}

TEST_CASE("ok.html is ok, and other paths are not the page's") {
  FakeControl control;
  REQUIRE(ServeWeb(control, "w", Request("GET", "/ok.html"))->body == "OK");
  REQUIRE_FALSE(ServeWeb(control, "w", Request("GET", "/nope")));
  REQUIRE(ServeWeb(control, "w", Request("GET", "/tail.html", "processname=nope"))->status == 404);
}

struct Rest {
  std::shared_ptr<FakeControl> control = std::make_shared<FakeControl>();
  RestContext context{control, "w", "project"};
  HttpResponse Ask(const std::string& method, const std::string& path, const std::string& body = "") {
    return ServeRest(context, Request(method, path, "", body));
  }
};

TEST_CASE_METHOD(Rest, "REST lists and names processes") {
  control->Add("w/a b", State::kRunning);
  CHECK(Ask("GET", "/live").body == R"({"status":"alive"})");
  CHECK(ParseJson(Ask("GET", "/processes/").body)->operator[]("data").AsArray().size() == 1);
  CHECK(ParseJson(Ask("GET", "/process/a%20b").body)->operator[]("pid").AsInt() == 100);
  CHECK(Ask("GET", "/process/a+b").status == 200);
  HttpResponse missing = Ask("GET", "/process/x");
  CHECK(missing.status == 400);
  CHECK(missing.body == R"({"error":"can't get state of process x: no such process"})");
  CHECK(Ask("GET", "/nope").body == "404 page not found");
  CHECK(Ask("PUT", "/processes").status == 404);
  CHECK(Ask("GET", "/project/name").body == R"({"projectName":"project"})");
  CHECK(Ask("GET", "/namespaces").body == R"(["default"])");
}

TEST_CASE_METHOD(Rest, "REST starts, stops and signals") {
  control->Add("w/up", State::kRunning);
  control->Add("w/down", State::kStopped);
  CHECK(Ask("POST", "/process/start/up").body == R"({"error":"process up is already running"})");
  CHECK(Ask("POST", "/process/start/down").body == R"({"name":"down"})");
  CHECK(Ask("PATCH", "/process/stop/down").body == R"({"error":"process down is not running"})");
  CHECK(Ask("PATCH", "/process/stop/up").status == 200);
  CHECK(Ask("PATCH", "/process/stop/x").body == R"({"error":"process x does not exist"})");
  CHECK(Ask("PATCH", "/process/signal/up/99").body ==
        R"({"error":"invalid signal: 99. Must be between 0 and 22"})");
  HttpResponse several = Ask("PATCH", "/processes/stop", R"(["up","x"])");
  CHECK(several.status == 207);
  CHECK(several.body == R"({"x":"process x does not exist","up":"ok"})");
  CHECK(Ask("PATCH", "/processes/stop", "nonsense").status == 400);
  CHECK(Ask("DELETE", "/process/logs/up").body == R"({"name":"up"})");
  CHECK(Ask("DELETE", "/process/logs/nope").status == 400);
  CHECK(Ask("POST", "/project/stop/").body == R"({"status":"stopped"})");
}

TEST_CASE_METHOD(Rest, "REST reads logs from the end") {
  control->Add("w/a", State::kRunning);
  control->replies["logs"] = *ParseJson(R"({"lines":[{"text":"1"},{"text":"2"},{"text":"3"}]})");
  CHECK(Ask("GET", "/process/logs/a/0/0").body == R"({"logs":["1","2","3"]})");
  CHECK(Ask("GET", "/process/logs/a/0/2").body == R"({"logs":["2","3"]})");
  CHECK(Ask("GET", "/process/logs/a/1/1").body == R"({"logs":["2"]})");
  CHECK(Ask("GET", "/process/logs/a/x/1").status == 400);
  CHECK(Ask("GET", "/process/logs/x/0/0").body == R"({"error":"process x doesn't exist"})");
}

}  // namespace
}  // namespace foster
