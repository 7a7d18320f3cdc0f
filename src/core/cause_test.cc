// SPDX-License-Identifier: MIT
#include "core/cause.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>

#include "foster/init_protocol.h"

namespace foster {
namespace {

std::string_view Names(ServiceId id) { return id == 7 ? "db" : ""; }

std::string Text(const Cause& cause, const Gate* gate = nullptr, std::uint32_t failed_starts = 0) {
  ServiceRecord record;
  record.cause = cause;
  record.failed_starts = failed_starts;
  return CauseText(record, Names, gate);
}

}  // namespace

TEST_CASE("ends of processes are said in one line") {
  CHECK(Text({.kind = CauseKind::kExited, .status = {1, 0}}) == "exited with code 1");
  CHECK(Text({.kind = CauseKind::kSignaled, .status = {0, SIGKILL}}) == "killed by SIGKILL");
  CHECK(Text({.kind = CauseKind::kSpawnFailed, .stage = kStageExec, .error = ENOENT}) ==
        "cannot exec: No such file or directory");
  CHECK(Text({.kind = CauseKind::kGaveUp, .status = {1, 0}}, nullptr, 4) ==
        "gave up after 4 tries: exited with code 1");
}

TEST_CASE("what was not well is said, also when that was the last try") {
  CHECK(Text({.kind = CauseKind::kUnhealthy, .probe = ProbeUse::kLiveness}) == "its liveness probe failed");
  ServiceRecord record;
  record.failed_starts = 2;
  record.cause = {.kind = CauseKind::kGaveUp, .probe = ProbeUse::kReadiness};
  record.stop_cause = {.kind = CauseKind::kUnhealthy, .probe = ProbeUse::kReadiness};
  CHECK(CauseText(record, Names) == "gave up after 2 tries: its readiness probe failed");
  record.stop_cause = {.kind = CauseKind::kTimedOut};
  CHECK(CauseText(record, Names) == "gave up after 2 tries: was not up in time");
}

TEST_CASE("gates and dependencies are named, unknown ones too") {
  const Gate gate{"db", GateKind::kReady, {}};
  CHECK(Text({.kind = CauseKind::kGate, .other = 7}, &gate) == "waits for db (ready)");
  CHECK(Text({.kind = CauseKind::kDependency, .other = 7}) == "dependency db failed");
  CHECK(Text({.kind = CauseKind::kNeeded, .other = 3}) == "needed by another service");
}

TEST_CASE("every kind of cause and every stage has a text") {
  for (int kind = 0; kind <= static_cast<int>(CauseKind::kPinned); ++kind) {
    CHECK(Text({.kind = static_cast<CauseKind>(kind)}).size() > 3);
  }
  for (unsigned stage = 1; stage < kStageCount; ++stage) {
    CHECK(SpawnFailureText(static_cast<SpawnStageNumber>(stage), 0).starts_with("cannot "));
  }
  CHECK(SpawnFailureText(200, 0) == "cannot spawn");
}

}  // namespace foster
