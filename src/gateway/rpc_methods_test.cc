// SPDX-License-Identifier: MIT
// The methods against a scripted supervise: what is asked of it, and what a client is told.
#include "gateway/rpc_methods.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "gateway/fake_control.h"

namespace foster {
namespace {

struct Fixture {
  FakeControl control;
  Reread reread;
  RpcContext context{control, "w", "supervisor", reread, "127.0.0.1:9"};

  Result<Json> Call(std::string_view method, Json::Array params = {}) {
    return CallMethod(context, method, params);
  }
  int FaultOfCall(std::string_view method, Json::Array params = {}) {
    auto result = Call(method, std::move(params));
    return result.ok() ? 0 : result.error().code();
  }
};

TEST_CASE_METHOD(Fixture, "the interface has supervisord's methods, sorted") {
  auto names = Call("system.listMethods");
  REQUIRE(names.ok());
  REQUIRE(names->AsArray().size() == 41);
  REQUIRE(names->AsArray().front().AsString() == "supervisor.addProcessGroup");
  REQUIRE(Call("system.methodSignature", {"supervisor.startProcess"})->Dump() ==
          R"(["boolean","string","boolean"])");
  REQUIRE(FaultOfCall("system.methodHelp", {"no.such"}) == kFaultSignatureUnsupported);
}

TEST_CASE_METHOD(Fixture, "unknown methods and wrong arguments are faults") {
  REQUIRE(FaultOfCall("supervisor.nope") == kFaultUnknownMethod);
  REQUIRE(FaultOfCall("supervisor.startProcess") == kFaultIncorrectParameters);
  REQUIRE(FaultOfCall("supervisor.startProcess", {1}) == kFaultIncorrectParameters);
  REQUIRE(FaultOfCall("supervisor.getState", {1}) == kFaultIncorrectParameters);
  REQUIRE(FaultOfCall("supervisor.getProcessInfo", {"nope"}) == kFaultBadName);
  REQUIRE(FaultOfCall("supervisor.getProcessInfo", {"g:*"}) == kFaultBadName);
}

TEST_CASE_METHOD(Fixture, "processes of this workload alone are shown, by group and name") {
  control.Add("w/b", State::kRunning);
  control.Add("w/a:z", State::kStopped);
  control.Add("other/x", State::kRunning, "other");
  auto all = Call("supervisor.getAllProcessInfo");
  REQUIRE(all->AsArray().size() == 2);
  REQUIRE(all->AsArray()[0]["name"].AsString() == "z");
  REQUIRE(all->AsArray()[1]["name"].AsString() == "b");
}

TEST_CASE_METHOD(Fixture, "start tells supervisord's faults") {
  control.Add("w/up", State::kRunning);
  control.Add("w/down", State::kStopped);
  REQUIRE(FaultOfCall("supervisor.startProcess", {"up"}) == kFaultAlreadyStarted);
  REQUIRE(Call("supervisor.startProcess", {"down"})->AsBool());
  REQUIRE(control.last() == R"(up {"names":["w/down"],"wait":true,"timeout_ms":3000000})");
  control.Fail(State::kBackoff, "exited with code 1");
  control.Add("w/bad", State::kStopped);
  REQUIRE(FaultOfCall("supervisor.startProcess", {"bad"}) == kFaultSpawnError);
  control.Fail(State::kFailed, "cannot run x: No such file or directory");
  REQUIRE(FaultOfCall("supervisor.startProcess", {"bad"}) == kFaultNoFile);
  control.Fail(State::kFailed, "cannot run x: Permission denied");
  REQUIRE(FaultOfCall("supervisor.startProcess", {"bad"}) == kFaultNotExecutable);
  control.Fail(State::kExited, "exited with code 3");
  REQUIRE(FaultOfCall("supervisor.startProcess", {"bad"}) == kFaultAbnormalTermination);
}

TEST_CASE_METHOD(Fixture, "a group or all: those it does not suit are left out") {
  control.Add("w/g:a", State::kRunning);
  control.Add("w/g:b", State::kStopped);
  auto started = Call("supervisor.startProcess", {"g:*"});
  REQUIRE(started->Dump() == R"([{"name":"b","group":"g","status":80,"description":"OK"}])");
  auto stopped = Call("supervisor.stopAllProcesses");
  REQUIRE(stopped->AsArray().size() == 1);
  REQUIRE(FaultOfCall("supervisor.stopProcessGroup", {"none"}) == kFaultBadName);
  REQUIRE(FaultOfCall("supervisor.stopProcess", {"g:b"}) == kFaultNotRunning);
}

TEST_CASE_METHOD(Fixture, "signals are names or numbers") {
  control.Add("w/a", State::kRunning);
  REQUIRE(Call("supervisor.signalProcess", {"a", "hup"})->AsBool());
  REQUIRE(control.last() == R"(signal {"names":["w/a"],"signal":1,"scope":"process"})");
  REQUIRE(Call("supervisor.signalProcess", {"a", 15}).ok());
  REQUIRE(FaultOfCall("supervisor.signalProcess", {"a", "FOO"}) == kFaultBadSignal);
  control.Add("w/b", State::kStopped);
  REQUIRE(FaultOfCall("supervisor.signalProcess", {"b", "TERM"}) == kFaultNotRunning);
}

TEST_CASE_METHOD(Fixture, "logs are read and tailed") {
  control.Add("w/a", State::kRunning);
  control.replies["logs"] = *ParseJson(
      R"({"lines":[{"name":"w/a","stream":"stdout","text":"one"},{"name":"w/a","stream":"stderr","text":"bad"},
                   {"name":"w/a","stream":"stdout","text":"\u001b[1mtwo"}]})");
  REQUIRE(Call("supervisor.readProcessStdoutLog", {"a", 0, 0})->AsString() == "one\ntwo\n");
  REQUIRE(Call("supervisor.readProcessStdoutLog", {"a", -4, 0})->AsString() == "two\n");
  REQUIRE(Call("supervisor.readProcessStderrLog", {"a", 0, 2})->AsString() == "ba");
  REQUIRE(FaultOfCall("supervisor.readProcessLog", {"a", -1, 5}) == kFaultBadArguments);
  REQUIRE(Call("supervisor.tailProcessStdoutLog", {"a", 0, 4})->Dump() == R"(["two\n",8,true])");
  REQUIRE(Call("supervisor.tailProcessStdoutLog", {"a", 8, 4})->Dump() == R"(["",8,false])");
  REQUIRE(Call("supervisor.clearProcessLogs", {"a"})->AsBool());
  CHECK(control.last() == R"(logs.clear {"names":["w/a"]})");
  REQUIRE(FaultOfCall("supervisor.sendProcessStdin", {"a", "x"}) == kFaultNoFile);
}

TEST_CASE_METHOD(Fixture, "reread names groups; update's calls end in one reload") {
  control.Add("w/old", State::kStopped);
  control.Add("w/g:a", State::kStopped);
  control.Add("w/g:b", State::kStopped);
  control.replies["plan"] = *ParseJson(
      R"({"changes":[{"name":"w/old","change":"removed"},{"name":"w/g:a","change":"changed"},
          {"name":"w/new","change":"added"},{"name":"x/y","change":"added"},{"name":"w/g:b","change":"unchanged"}]})");
  REQUIRE(Call("supervisor.reloadConfig")->Dump() == R"([[["new"],["g"],["old"]]])");
  REQUIRE(Call("supervisor.removeProcessGroup", {"old"})->AsBool());
  REQUIRE(control.last().empty());  // it waits for g, which would be restarted by it and by its add
  REQUIRE(Call("supervisor.removeProcessGroup", {"g"})->AsBool());
  REQUIRE(Call("supervisor.addProcessGroup", {"g"})->AsBool());
  REQUIRE(std::count(control.asked.begin(), control.asked.end(), R"(reload {"workload":"w"})") == 1);
  // The reload has done everything; what is left of the update is answered as the client expects.
  control.replies["plan"] = Json(Json::Object());
  control.services.erase("w/old");
  control.Add("w/new", State::kRunning);
  REQUIRE(control.last() == R"(up {"names":["w/g:a","w/g:b"],"wait":false})");
  REQUIRE(Call("supervisor.addProcessGroup", {"new"})->AsBool());
  REQUIRE(FaultOfCall("supervisor.addProcessGroup", {"new"}) == kFaultAlreadyAdded);
  REQUIRE(FaultOfCall("supervisor.addProcessGroup", {"never"}) == kFaultBadName);
  REQUIRE(FaultOfCall("supervisor.removeProcessGroup", {"new"}) == kFaultStillRunning);
}

TEST_CASE_METHOD(Fixture, "an update restarts each changed group once; another client's stop is a stop") {
  control.Add("w/a", State::kRunning);
  control.Add("w/b", State::kRunning);
  control.replies["plan"] =
      *ParseJson(R"({"changes":[{"name":"w/a","change":"changed"},{"name":"w/b","change":"changed"}]})");
  auto stops = [&] {
    return std::count_if(control.asked.begin(), control.asked.end(),
                         [](const std::string& request) { return request.starts_with("down"); });
  };
  auto update_a = [&] {
    REQUIRE(Call("supervisor.reloadConfig").ok());
    REQUIRE(Call("supervisor.stopProcessGroup", {"a"}).ok());
    REQUIRE(Call("supervisor.removeProcessGroup", {"a"}).ok());
    REQUIRE(Call("supervisor.addProcessGroup", {"a"}).ok());
  };
  update_a();
  REQUIRE(stops() == 1);
  REQUIRE(Call("supervisor.stopProcessGroup", {"b"})->AsArray().size() == 1);
  REQUIRE(stops() == 1);  // the reload has restarted b
  REQUIRE(Call("supervisor.stopProcessGroup", {"b"}).ok());
  REQUIRE(stops() == 2);  // once only
  update_a();
  context.client = "127.0.0.1:10";
  REQUIRE(Call("supervisor.stopProcessGroup", {"b"}).ok());
  REQUIRE(stops() == 4);
  context.client = "127.0.0.1:9";
  update_a();
  REQUIRE(Call("supervisor.getVersion").ok());  // as every other command of supervisorctl asks first
  REQUIRE(Call("supervisor.stopProcessGroup", {"b"}).ok());
  REQUIRE(stops() == 6);
}

TEST_CASE_METHOD(Fixture, "a file that is not valid is told and changes nothing") {
  control.replies["plan"] = *ParseJson(
      R"({"changes":[],"workloads":[{"name":"w","diagnostics":[{"severity":"error","file":"/p.conf","line":3,
          "text":"no command"}]}]})");
  auto result = Call("supervisor.reloadConfig");
  REQUIRE_FALSE(result.ok());
  REQUIRE(result.error().message() == "CANT_REREAD: /p.conf:3: no command");
  REQUIRE(result.error().code() == kFaultCantReread);
  control.replies["plan"] = *ParseJson(
      R"({"changes":[],"refused":[{"workload":"w","diagnostics":[{"severity":"error","file":"/q","line":1,
          "text":"bad"}]}]})");
  REQUIRE(Call("supervisor.reloadConfig").error().message() == "CANT_REREAD: /q:1: bad");
}

TEST_CASE_METHOD(Fixture, "shutdown stops this workload's services and nothing else") {
  control.Add("w/a", State::kRunning);
  REQUIRE(Call("supervisor.shutdown")->AsBool());
  REQUIRE(control.last() == R"(down {"names":["w/a"],"wait":false,"alone":true})");
}

TEST_CASE_METHOD(Fixture, "multicall answers in the raw form and never within itself") {
  Json calls = Json()
                   .Push(Json().Set("methodName", "supervisor.getAPIVersion"))
                   .Push(Json().Set("methodName", "system.multicall").Set("params", Json(Json::Array())))
                   .Push(Json().Set("x", 1));
  auto results = Call("system.multicall", {calls});
  REQUIRE(results->AsArray()[0].AsString() == "3.0");
  REQUIRE(results->AsArray()[1]["faultCode"].AsInt() == 2);
  REQUIRE(results->AsArray()[2]["faultString"].AsString() == "INCORRECT_PARAMETERS: No methodName");
}

TEST_CASE_METHOD(Fixture, "a supervise that is away is a fault, not a crash") {
  control.broken = true;
  REQUIRE(FaultOfCall("supervisor.getAllProcessInfo") == kFaultFailed);
  REQUIRE(FaultOfCall("supervisor.reloadConfig") == kFaultFailed);
}

}  // namespace
}  // namespace foster
