// SPDX-License-Identifier: MIT
// As transcript_test.cc, of the verbs that speak of probes, pins, replicas, figures and of who goes down
// along.
#include <catch2/catch.hpp>

#include "cli_fixture.h"
#include "wire/probe_codec.h"

namespace foster::cli {
namespace {

TEST_CASE("status shows what a state does not say") {
  ServiceStatus job = Service("job", State::kWaiting, 0, "waits for its time");
  job.next_due = "2026-11-21T12:00:00.000Z";
  ServiceStatus web = Service("web", State::kRunning, 42, "ready");
  web.pin = Pin::kUp;
  web.ready = web.alive.emplace(false);
  web.status_text = "loading 3 of 7";
  web.degraded = {"nice: Permission denied"};
  FakeFoster fake(Always(StatusReply({job, web})));
  const std::string out = Svc(fake, {"status"}).out;
  CHECK(out.find("waits for its time, next 2026-11-21T12:00:00.000Z\n") != std::string::npos);
  CHECK(
      out.find(
          "ready, not ready, not alive: loading 3 of 7 [pinned up] [degraded: nice: Permission denied]\n") !=
      std::string::npos);
}

TEST_CASE("down says who else goes down before it asks for it") {
  FakeFoster fake([](const RpcRequest& request, int) {
    Json reply = Results(Service("db", State::kStopped, 0, "stopped by request"), true);
    if (request.params["look"].AsBool()) reply = Json(Json::Object{{"also", Json::Array{"web", "worker"}}});
    return Answer{{ResultLine(request.id, reply)}};
  });
  Ran ran = Svc(fake, {"down", "db"});
  CHECK(ran.code == kExitOk);
  CHECK(ran.err == "also goes down, for it needs what is stopped: web, worker\n");
  CHECK(ran.out == "db  stopped  stopped by request\n");
  CHECK(Svc(fake, {"down", "--alone", "db"}).err.empty());
  CHECK(fake.requests() ==
        std::vector<std::string>{R"(down {"names":["db"],"look":true})",
                                 R"(down {"names":["db"],"wait":true,"timeout_ms":60000})",
                                 R"(down {"names":["db"],"wait":true,"timeout_ms":60000,"alone":true})"});
}

TEST_CASE("pin takes down, up and off") {
  FakeFoster fake(Always(Results(Service("web", State::kStopping, 42, "stopped by request"), true)));
  CHECK(Svc(fake, {"pin", "down", "web"}).code == kExitOk);
  Ran wrong = Svc(fake, {"pin", "sideways", "web"});
  CHECK(wrong.code == kExitUsage);
  CHECK(wrong.err == "svc: unknown pin 'sideways': down, up or off\n");
  CHECK(fake.requests() == std::vector<std::string>{R"(pin {"names":["web"],"pin":"down"})"});
  CHECK(Svc(fake, {"pin", "off", "web"}).code == kExitOk);
  CHECK(fake.requests().back() == R"(pin {"names":["web"],"pin":"none"})");
}

TEST_CASE("check prints each probe's answer and fails when one did") {
  CheckResult good{"web", "readiness", "http", true, "200 OK", 3};
  CheckResult bad{"web", "liveness", "exec", false, "exit code 1", 12};
  FakeFoster fake(Always(Json(
      Json::Object{{"checks", Json::Array{ToJson(good), ToJson(bad)}}, {"without", Json::Array{"db"}}})));
  Ran ran = Svc(fake, {"check", "web", "db"});
  CHECK(ran.code == kExitFailed);
  CHECK(ran.out ==
        "NAME  PROBE      KIND  RESULT   TOOK  ANSWER\n"
        "web   readiness  http  ok       3 ms  200 OK\n"
        "web   liveness   exec  failed  12 ms  exit code 1\n"
        "db has no probe\n");
}

TEST_CASE("stats prints figures, and a dash for what cannot be read") {
  ServiceFigures figures;
  figures.name = "web";
  figures.processes = 2;
  figures.threads = 5;
  figures.cpu_ms = 1234;
  figures.cpu_percent = 12.34;
  figures.rss_bytes = 3 << 20;
  figures.read_bytes = 512;
  figures.ports = {{"tcp", "0.0.0.0:8080", 42}};
  FakeFoster fake(Always(Json(Json::Object{{"figures", Json::Array{ToJson(figures)}}})));
  CHECK(Svc(fake, {"stats"}).out ==
        "NAME  PIDS  THREADS  CPU TIME    CPU      RSS  PSS   READ  WRITTEN  LISTENS ON\n"
        "web      2        5    1.23 s  12.3%  3.0 MiB    -  512 B        -  tcp 0.0.0.0:8080\n");
  CHECK(fake.requests() == std::vector<std::string>{"figures {}"});
}

TEST_CASE("scale reads NAME=COUNT and says what it refuses") {
  FakeFoster fake(Always(Json(Json::Object{{"changes", Json::Array{}}})));
  CHECK(Svc(fake, {"scale", "web=3", "yaml/db=1"}).code == kExitOk);
  for (const char* wrong : {"web", "web=", "=3", "web=0", "web=1001", "web=3x"}) {
    Ran ran = Svc(fake, {"scale", wrong});
    CHECK(ran.code == kExitUsage);
    CHECK(ran.err.find(std::string("'") + wrong + "' is not NAME=COUNT") != std::string::npos);
  }
  CHECK(fake.requests() == std::vector<std::string>{R"(scale {"scale":{"web":3,"yaml/db":1}})"});
}

TEST_CASE("doctor tells what is missing and what would give it") {
  Json item(Json::Object{{"feature", "cgroup limits"},
                         {"ok", false},
                         {"text", "read-only"},
                         {"fix", "docker run --cgroupns=private"}});
  FakeFoster fake(Always(Json(Json::Object{{"features", Json::Array{item}}})));
  CHECK(Svc(fake, {"doctor"}).out ==
        "FEATURE            WHAT IS SO\n"
        "cgroup limits  no  read-only; docker run --cgroupns=private\n");
}

}  // namespace
}  // namespace foster::cli
