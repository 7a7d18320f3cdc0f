// SPDX-License-Identifier: MIT
#include "model/log_level.h"

#include <catch2/catch.hpp>
#include <string>

namespace foster {
namespace {

std::string Of(std::string_view line) {
  const auto level = LevelOf(line);
  return level ? std::string(NameOf(*level)) : "-";
}

TEST_CASE("a level is known by every name that programs give it") {
  for (const char* name : {"trace", "debug", "info", "warn", "error", "fatal"})
    CHECK(NameOf(LogLevelFromName(name).value()) == name);
  CHECK(LogLevelFromName("WARNING") == LogLevel::kWarn);
  CHECK(LogLevelFromName("Err") == LogLevel::kError);
  CHECK(LogLevelFromName("CRIT") == LogLevel::kFatal);
  CHECK(LogLevelFromName("notice") == LogLevel::kInfo);
  CHECK(LogLevelFromName("ERRO") == LogLevel::kError);
  CHECK_FALSE(LogLevelFromName("errors"));
  CHECK_FALSE(LogLevelFromName(""));
}

TEST_CASE("JSON lines say their level in the outermost object") {
  CHECK(Of(R"({"level":"warn","msg":"x"})") == "warn");
  CHECK(Of(R"({"time":1,"msg":"a \"level\": \"error\"", "severity" : "CRITICAL"})") == "fatal");
  CHECK(Of(R"({"a":{"level":"error"},"lvl":"dbg"})") == "debug");
  CHECK(Of(R"({"tags":["level","x"],"levelname":"WARNING"})") == "warn");
  CHECK(Of(R"({"level":30,"pid":1})") == "info");
  CHECK(Of(R"({"level":50})") == "error");
  CHECK(Of(R"({"level":35})") == "info");
  CHECK(Of(R"({"level":3})") == "-");
  CHECK(Of(R"({"level":999})") == "-");
  CHECK(Of(R"({"message":"ERROR: none"})") == "-");
  CHECK(Of(R"({"level":)") == "-");
  CHECK(Of(R"({"level":"err)") == "-");
  CHECK(Of(R"({"level":"wa\)") == "-");
}

TEST_CASE("key=value lines say it, too") {
  CHECK(Of("ts=1 level=warn msg=hello") == "warn");
  CHECK(Of(R"(time="x" level="error" msg="y")") == "error");
  CHECK(Of("lvl=dbug") == "-");
  CHECK(Of("lvl=dbg t=3") == "debug");
  CHECK(Of("level=40 a=b") == "warn");
  CHECK(Of("waterlevel=error") == "-");
}

TEST_CASE("syslog's number, glog's letter") {
  CHECK(Of("<3>disk on fire") == "error");
  CHECK(Of("<30>daemon.info") == "info");
  CHECK(Of("<191>last") == "debug");
  CHECK(Of("<192>no such") == "-");
  CHECK(Of("<>") == "-");
  CHECK(Of("<3") == "-");
  CHECK(Of("E1121 07:32:35.863392  1 main.go:3] text") == "error");
  CHECK(Of("I20261121 07:32:35.863392 1 x.cc:1] text") == "info");
  CHECK(Of("E1121") == "-");
}

TEST_CASE("brackets, labels and bare words") {
  CHECK(Of("[WARN] x") == "warn");
  CHECK(Of("[info ] x") == "info");
  CHECK(Of("2026/11/21 07:32:35 [error] 12#0: *1 open() failed") == "error");
  CHECK(Of("2026-11-21 07:32:35,863 INFO spawned: 'web' with pid 12") == "info");
  CHECK(Of("2026-11-21 07:32:35,863 CRIT Supervisor is running as root") == "fatal");
  CHECK(Of("2026-11-21 07:32:35.863 UTC [33] FATAL:  no such role") == "fatal");
  CHECK(Of("2026-11-21T07:32:35Z  WARN app::db: slow") == "warn");
  CHECK(Of("WARNING:root:careful") == "warn");
  CHECK(Of("ERRO[0003] failed") == "error");
  CHECK(Of("3:04PM INF text process=web") == "info");
  CHECK(Of("main.c:3:5: error: expected ';'") == "error");
  CHECK(Of("error: cannot open x") == "error");
  CHECK(Of("2026-11-21 07:32:35 - app.db - DEBUG - connected") == "debug");
  CHECK(Of("\x1b[33mWARN\x1b[0m coloured") == "warn");
  CHECK(Of("[\x1b[31mERROR\x1b[0m] coloured") == "error");
}

TEST_CASE("a line that says nothing has no level") {
  CHECK(Of("") == "-");
  CHECK(Of("   ") == "-");
  CHECK(Of("listening on :80, no error so far") == "-");
  CHECK(Of("there was no error: all is well") == "-");
  CHECK(Of("GET /ERROR HTTP/1.1") == "-");
  CHECK(Of("INFORMED people know") == "-");
  CHECK(Of("[") == "-");
  CHECK(Of("\x1b") == "-");
  CHECK(Of("\x1b[") == "-");
  CHECK(Of(std::string(kLevelLooksAt, '1') + " ERROR far behind") == "-");
}

}  // namespace
}  // namespace foster
