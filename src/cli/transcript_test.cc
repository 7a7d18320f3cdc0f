// SPDX-License-Identifier: MIT
// What svc prints, word for word, against a scripted foster.
#include <catch2/catch.hpp>

#include "cli_fixture.h"

namespace foster::cli {
namespace {

TEST_CASE("status is a sorted table") {
  FakeFoster fake(
      Always(StatusReply({Service("supervisord/web", State::kRunning, 42, "started"),
                          Service("docker-entrypoint", State::kExited, 0, "exited with code 0")})));
  Ran ran = Svc(fake, {"status"});
  CHECK(ran.code == kExitOk);
  CHECK(ran.out ==
        "NAME               WORKLOAD     STATE      FOR  PID  RESTARTS  CAUSE\n"
        "docker-entrypoint  -            exited   1m05s    -         0  exited with code 0\n"
        "supervisord/web    supervisord  running  1m05s   42         0  started\n");
  CHECK(ran.err.empty());
  CHECK(fake.requests() == std::vector<std::string>{"status null"});
}

TEST_CASE("status says which workload runs on its seed, and why") {
  Diagnostic error;
  error.origin = {"/w/project.conf", 4, 1};
  error.text = "unknown value 'perhaps'";
  FakeFoster fake(
      Always(StatusReply({Service("ini/web", State::kRunning, 1)},
                         {{"ini", "supervisord", "seed", "/w/project.conf", "/s/seed.conf", {error}},
                          {"yaml", "process-compose", "project", "/w/p.yaml", "/s/s.yaml", {}}})));
  Ran ran = Svc(fake, {"status"});
  CHECK(ran.out.find("\nworkload ini runs on its seed /s/seed.conf: /w/project.conf cannot be used\n"
                     "  /w/project.conf:4: unknown value 'perhaps'\n"
                     "  repair it, then: svc reload ini\n") != std::string::npos);
  CHECK(ran.out.find("workload yaml") == std::string::npos);
}

TEST_CASE("status --json is an array of the protocol's objects") {
  ServiceStatus web = Service("web", State::kRunning, 42);
  FakeFoster fake(Always(StatusReply({web})));
  Ran ran = Svc(fake, {"status", "--json", "--all", "web"});
  CHECK(ran.out == "[" + ToJson(web).Dump() + "]\n");
  CHECK(fake.requests() == std::vector<std::string>{R"(status {"names":["web"],"all":true})"});
}

TEST_CASE("up waits, prints the new state, and exits 0") {
  FakeFoster fake(Always(Results(Service("web", State::kRunning, 42, "started"), true)));
  Ran ran = Svc(fake, {"up", "--timeout", "5", "web"});
  CHECK(ran.code == kExitOk);
  CHECK(ran.out == "web  running  pid 42, started\n");
  CHECK(fake.requests() == std::vector<std::string>{R"(up {"names":["web"],"wait":true,"timeout_ms":5000})"});
}

TEST_CASE("a service that does not come up is told with its cause and its last lines") {
  LogRecord line;
  line.name = "web";
  line.text = "no such \033[31mport";
  FakeFoster fake(
      Always(Results(Service("web", State::kBackoff, 0, "exited with code 3"), false, "", {line, line})));
  Ran ran = Svc(fake, {"restart", "web"});
  CHECK(ran.code == kExitFailed);
  CHECK(ran.out == "web  backoff  exited with code 3\n");
  CHECK(ran.err ==
        "svc: web: backoff: exited with code 3\n"
        "  last lines of its log:\n"
        "  | no such ?[31mport\n"
        "  | no such ?[31mport\n");
}

TEST_CASE("a timeout says what it waits for and exits 4") {
  ServiceStatus web = Service("web", State::kWaiting, 0, "waits for db (ready)");
  web.waits_for = {"db (ready)"};
  FakeFoster fake(Always(Results(web, false, "timeout")));
  Ran ran = Svc(fake, {"up", "web"});
  CHECK(ran.code == kExitTimeout);
  CHECK(ran.err == "svc: web: still waiting when the time was over, waits for db (ready)\n");
  CHECK(Svc(fake, {"up", "--json", "web"}).code == kExitTimeout);
}

TEST_CASE("errors of foster become exit codes") {
  const std::pair<int, int> rows[] = {{kRpcNoSuchService, kExitNoService}, {kRpcNotAllowed, kExitNotAllowed},
                                      {kRpcTimeout, kExitTimeout},         {kRpcRefused, kExitRefused},
                                      {kRpcFailed, kExitFailed},           {kRpcInvalidParams, kExitUsage}};
  for (const auto& [rpc, exit_code] : rows) {
    FakeFoster fake(Failing({rpc, "because", {}}));
    Ran ran = Svc(fake, {"down", "web"});
    CHECK(ran.code == exit_code);
    CHECK(ran.err == "svc: because\n");
  }
}

TEST_CASE("an idempotent question is asked again when supervise went away, a restart is not") {
  FakeFoster fake([](const RpcRequest& request, int connection) {
    if (connection % 2 == 1) return Answer{{}, true};
    return Answer{{ResultLine(request.id, Results(Service("web", State::kRunning, 1), true))}};
  });
  CHECK(Svc(fake, {"up", "web"}).code == kExitOk);
  CHECK(fake.requests().size() == 2);
  CHECK(Svc(fake, {"restart", "web"}).code == kExitUnreachable);
  CHECK(fake.requests().size() == 3);
}

Json Changes() {
  Json::Array list;
  auto add = [&](const char* name, const char* change, Json::Array fields) {
    list.push_back(Json(Json::Object{{"name", name}, {"change", change}, {"fields", std::move(fields)}}));
  };
  add("a", "added", {});
  add("b", "removed", {});
  add("c", "changed", {"command", "environment"});
  add("d", "unchanged", {});
  return list;
}

TEST_CASE("plan shows what a reload would change") {
  FakeFoster fake(Always(Json(Json::Object{{"changes", Changes()}, {"diagnostics", Json::Array{}}})));
  Ran ran = Svc(fake, {"plan"});
  CHECK(ran.out == "+ a\n- b\n~ c (command, environment)\n");
  FakeFoster nothing(Always(Json(Json::Object{{"changes", Json::Array{}}})));
  CHECK(Svc(nothing, {"plan"}).out == "no changes\n");
}

TEST_CASE("a refused reload shows every diagnostic and exits 7") {
  Diagnostic error;
  error.origin = {"/w/project.conf", 4, 3};
  error.text = "no closing bracket";
  error.source_line = "[program:x";
  Json::Array list = {ToJson(error)};
  FakeFoster fake(Failing({kRpcRefused, "ini was not reloaded", Json(Json::Object{{"diagnostics", list}})}));
  Ran ran = Svc(fake, {"reload", "ini"});
  CHECK(ran.code == kExitRefused);
  CHECK(ran.err.find("/w/project.conf:4:3: error: no closing bracket") != std::string::npos);
  CHECK(fake.requests() == std::vector<std::string>{R"(reload {"workload":"ini"})"});

  Json one(Json::Object{{"workload", "ini"}, {"diagnostics", list}});
  FakeFoster partly(Always(Json(Json::Object{{"changes", Changes()}, {"refused", Json::Array{one}}})));
  ran = Svc(partly, {"reload"});
  CHECK(ran.code == kExitRefused);
  CHECK(ran.out.find("+ a\n") == 0);
  CHECK(ran.err.find("svc: workload ini was not reloaded") != std::string::npos);
}

TEST_CASE("signals go by name or number; a wrong one is caught before foster is asked") {
  FakeFoster fake(Always(Results(Service("web", State::kRunning, 42), true)));
  CHECK(Svc(fake, {"signal", "SIGHUP", "web"}).code == kExitOk);
  CHECK(Svc(fake, {"signal", "--scope", "tree", "10", "web", "db"}).code == kExitOk);
  CHECK(fake.requests() ==
        std::vector<std::string>{R"(signal {"names":["web"],"signal":1})",
                                 R"(signal {"names":["web","db"],"signal":10,"scope":"tree"})"});
  Ran ran = Svc(fake, {"signal", "TREM", "web"});
  CHECK(ran.code == kExitUsage);
  CHECK(ran.err == "svc: unknown signal 'TREM': did you mean 'TERM'?\n");
}

LogRecord Line(const std::string& name, std::uint64_t seq, const std::string& text, const std::string& cursor,
               bool partial = false) {
  LogRecord line;
  line.name = name;
  line.stream = "stdout";
  line.time = "2026-11-21T13:00:0" + std::to_string(seq) + ".000Z";
  line.incarnation = 1;
  line.seq = seq;
  line.text = text;
  line.cursor = cursor;
  line.partial = partial;
  return line;
}

Json LogReply(const std::vector<LogRecord>& lines, Json cursors = Json(Json::Object{}), bool more = false) {
  Json::Array list;
  for (const auto& line : lines) list.push_back(ToJson(line));
  Json reply;
  reply.Set("lines", std::move(list)).Set("cursors", std::move(cursors)).Set("more", more);
  return reply;
}

TEST_CASE("lines of several services stand in foster's order under aligned names") {
  FakeFoster fake([](const RpcRequest& request, int) {
    Json reply = request.method == "status"
                     ? StatusReply({Service("db", State::kRunning, 1), Service("web", State::kRunning, 2)})
                     : LogReply({Line("web", 1, "first", "1.0"), Line("db", 2, "second", "1.0"),
                                 Line("web", 2, "third", "2.0"), Line("db", 3, "fourth", "2.0", true)});
    return Answer{{ResultLine(request.id, reply)}};
  });
  CHECK(Svc(fake, {"logs"}).out == "web | first\ndb  | second\nweb | third\ndb  | fourth\n");
  Ran json = Svc(fake, {"logs", "--json"});
  CHECK(json.out.find(R"({"name":"web","stream":"stdout","time":"2026-11-21T13:00:01.000Z")") == 0);
  CHECK(Svc(fake, {"logs", "--color=always", "-t"})
            .out.find("\033[90m2026-11-21T13:00:01.000Z\033[0m \033[33mweb |\033[0m first\n") == 0);
  CHECK(Svc(fake, {"logs", "-o", "raw"}).out == "first\nsecond\nthird\nfourth");
  CHECK(Svc(fake, {"logs", "-n", "1"}).out == "web | third\ndb  | fourth\n");
  CHECK(Svc(fake, {"logs", "--show-cursor"}).out.ends_with("\n-- cursor: db=2.0,web=2.0\n"));
}

TEST_CASE("logs that are searched say by their exit code whether something was found") {
  FakeFoster fake([](const RpcRequest& request, int) {
    Json reply = request.method == "status"
                     ? StatusReply({Service("web", State::kRunning, 2)})
                     : LogReply({Line("web", 1, "one", "1.0"), Line("web", 2, "two", "2.0"),
                                 Line("web", 3, "Three", "3.0")});
    return Answer{{ResultLine(request.id, reply)}};
  });
  Ran found = Svc(fake, {"logs", "-g", "t", "-i"});
  CHECK(found.out == "two\nThree\n");
  CHECK(found.code == kExitOk);
  CHECK(Svc(fake, {"logs", "-g", "t", "-v"}).out == "one\nThree\n");
  CHECK(Svc(fake, {"logs", "--around", "w", "-C", "1"}).out == "one\ntwo\nThree\n");
  CHECK(Svc(fake, {"logs", "-g", "x"}).code == kExitFailed);
  Ran wrong = Svc(fake, {"logs", "-g", "a("});
  CHECK(wrong.code == kExitUsage);
  CHECK(wrong.err == "svc: pattern 'a(': missing closing parenthesis at character 3\n");
  CHECK(Svc(fake, {"logs", "-C", "3"}).code == kExitUsage);
  CHECK(Svc(fake, {"logs", "--since", "soon"}).code == kExitUsage);
  CHECK(Svc(fake, {"logs", "-f", "--max-bytes", "10"}).code == kExitUsage);
}

TEST_CASE("a budget of bytes keeps the newest whole lines and says where to go on") {
  FakeFoster fake([](const RpcRequest& request, int) {
    Json reply = request.method == "status"
                     ? StatusReply({Service("web", State::kRunning, 2)})
                     : LogReply({Line("web", 1, "one", "1.0"), Line("web", 2, "two", "2.0"),
                                 Line("web", 3, "three", "3.0")});
    return Answer{{ResultLine(request.id, reply)}};
  });
  Ran ran = Svc(fake, {"logs", "--max-bytes", "11"});
  CHECK(ran.out == "two\nthree\n");
  CHECK(ran.err ==
        "svc: 1 older line (4 bytes) left out by --max-bytes; go on behind the last line with "
        "--after 'web=3.0'\n");
}

TEST_CASE("logs are asked for page by page, and what is missing is told") {
  FakeFoster fake([](const RpcRequest& request, int) {
    Json reply = StatusReply({Service("web", State::kRunning, 2)});
    if (request.method == "logs" && !request.params.Has("after")) {
      reply = LogReply({Line("web", 1, "one", "3.0")}, Json(Json::Object{{"web", "3.0"}}), true);
    } else if (request.method == "logs") {
      reply = LogReply({Line("web", 5, "five", "9.0")}, Json(Json::Object{{"web", "9.0"}}));
    }
    return Answer{{ResultLine(request.id, reply)}};
  });
  CHECK(Svc(fake, {"logs", "-n", "all"}).out == "one\n-- 3 lines skipped --\nfive\n");
  auto requests = fake.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[1] == R"(logs {"names":["web"],"lines":1099511627776,"oldest_first":true})");
  CHECK(requests[2] ==
        R"(logs {"names":["web"],"lines":1099511627776,"oldest_first":true,"after":{"web":"3.0"}})");
}

// Each connection but the first is asked for what came behind the last line that was printed; the last answer
// ends the test.
TEST_CASE("following goes on behind the last line when the connection broke") {
  FakeFoster fake([](const RpcRequest& request, int connection) {
    if (request.method == "status") {
      return Answer{{ResultLine(request.id, StatusReply({Service("web", State::kRunning, 1)}))}};
    }
    const Json at(Json::Object{{"web", "3.0"}});
    if (connection == 1)
      return Answer{{ResultLine(
          request.id, LogReply({Line("web", 1, "one", "3.0"), Line("web", 2, "tw", "3.0", true)}, at))}};
    if (connection == 2) {
      return Answer{{ResultLine(request.id, LogReply({Line("web", 2, "tw", "3.0", true)}, at)),
                     NotificationLine("log", ToJson(Line("web", 2, "two", "7.0")))},
                    true};
    }
    if (connection == 3)
      return Answer{{ResultLine(request.id, LogReply({Line("web", 3, "three", "12.0")}))}, true};
    return Answer{{FailureLine(request.id, {kRpcNoSuchService, "no service 'web'", {}})}};
  });
  Ran ran = Svc(fake, {"logs", "-f", "-n", "7", "web"});
  CHECK(ran.out == "one\ntwo\nthree\n");
  CHECK(ran.code == kExitNoService);
  auto requests = fake.requests();
  REQUIRE(requests.size() == 5);
  CHECK(requests[1] == R"(logs {"names":["web"],"lines":7,"oldest_first":true})");
  CHECK(requests[2] == R"(logs {"names":["web"],"follow":true,"after":{"web":"3.0"}})");
  CHECK(requests[3] == R"(logs {"names":["web"],"follow":true,"after":{"web":"7.0"}})");
  CHECK(requests[4] == R"(logs {"names":["web"],"follow":true,"after":{"web":"12.0"}})");
}

Json EventOf(int sequence, const ServiceStatus& service) {
  return ToJson(EventRecord{static_cast<std::uint64_t>(sequence), "T" + std::to_string(sequence), "state",
                            service.name + ": " + std::string(NameOf(service.state)), service});
}

TEST_CASE("events follow, end after --count, and tell what changed while foster was away") {
  FakeFoster fake([](const RpcRequest& request, int connection) {
    if (connection == 1) {
      return Answer{{ResultLine(request.id, StatusReply({Service("db", State::kRunning, 1),
                                                         Service("old", State::kRunning, 2)})),
                     NotificationLine("event", EventOf(11, Service("db", State::kStopping, 1)))},
                    true};
    }
    ServiceStatus db = Service("db", State::kStopped, 0, "asked to stop");
    db.since = "T12";
    return Answer{{ResultLine(request.id, StatusReply({db})),
                   NotificationLine("event", EventOf(14, Service("db", State::kStarting, 9)))}};
  });
  Ran ran = Svc(fake, {"events", "--count", "2"});
  CHECK(ran.code == kExitOk);
  CHECK(ran.out ==
        "T11 state    db: stopping\n"
        "T12 state    db: stopped (asked to stop)\n"
        " removed  old was removed\n"
        "T14 state    db: starting\n");
}

TEST_CASE("svc -t of a workload reads its file anew and restarts what the reload left alone") {
  FakeFoster fake([](const RpcRequest& request, int) {
    if (request.method == "status") {
      ServiceStatus manual = Service("supervisord/manual", State::kStopped, 0);
      manual.autostart = false;
      manual.goal = Goal::kDown;
      return Answer{
          {ResultLine(request.id, StatusReply({Service("supervisord/web", State::kRunning, 1),
                                               Service("supervisord/c", State::kRunning, 2), manual},
                                              {{"supervisord", "supervisord", "project", "", "", {}}}))}};
    }
    Json change(Json::Object{{"name", "supervisord/c"}, {"change", "changed"}});
    return Answer{{ResultLine(request.id, Json(Json::Object{{"changes", Json::Array{change}}}))}};
  });
  CHECK(S6Svc(fake, {"-t", "/run/service/supervisord"}).code == 0);
  CHECK(fake.requests() == std::vector<std::string>{R"(status {"all":true})",
                                                    R"(reload {"workload":"supervisord"})",
                                                    R"(restart {"names":["supervisord/web"],"wait":false})"});
}

TEST_CASE("s6-svc has s6-svc's exit codes") {
  FakeFoster fake([](const RpcRequest& request, int) {
    if (request.method == "up") return Answer{{FailureLine(request.id, {kRpcNotAllowed, "root only", {}})}};
    if (request.params["names"].is_array() && request.method == "status") {
      return Answer{{FailureLine(request.id, {kRpcNoSuchService, "no service 'nobody'", {}})}};
    }
    return Answer{{ResultLine(request.id, StatusReply({Service("web", State::kRunning, 1)}))}};
  });
  CHECK(S6Svc(fake, {"-t", "web"}).code == 0);
  CHECK(S6Svc(fake, {"-t", "nobody"}).code == 102);
  CHECK(S6Svc(fake, {"-u", "web"}).code == 111);
  CHECK(S6Svc(fake, {"-x", "web"}).code == 100);
  CHECK(S6Svc(fake, {"-wu", "-t", "web"}).code == 0);
  Ran late = S6Svc(fake, {"-wr", "-T", "20", "-t", "web"});
  CHECK(late.code == 99);
  CHECK(late.err == "s6-svc: the time was over before it came\n");
}

TEST_CASE("shutdown and help speak for themselves") {
  FakeFoster fake(Always(Json(Json::Object{})));
  CHECK(Svc(fake, {"shutdown", "--exit-code", "3"}).out == "the container is being ended\n");
  CHECK(fake.requests() == std::vector<std::string>{R"(shutdown {"exit_code":3})"});
  CHECK(Svc(fake, {"shutdown", "--exit-code", "300"}).code == kExitUsage);
  Ran none = Svc(fake, {});
  CHECK(none.code == kExitUsage);
  CHECK(none.err.find("usage: svc VERB") == 0);
  CHECK(Svc(fake, {"help", "statsu"}).err == "svc: unknown verb 'statsu': did you mean 'status'?\n");
}

TEST_CASE("completion scripts name every verb") {
  FakeFoster fake(Always(Json()));
  for (const char* shell : {"bash", "zsh", "fish"}) {
    Ran ran = Svc(fake, {"completion", shell});
    CHECK(ran.code == kExitOk);
    for (const Verb* verb : AllVerbs()) CHECK(ran.out.find(verb->name) != std::string::npos);
  }
  CHECK(Svc(fake, {"completion", "tcsh"}).code == kExitUsage);
}

}  // namespace
}  // namespace foster::cli
