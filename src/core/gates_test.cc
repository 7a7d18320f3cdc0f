// SPDX-License-Identifier: MIT
#include "core/gates.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

Verdict In(State state, GateKind kind, ServiceType type = ServiceType::kLongrun, int code = 0) {
  ServiceSpec spec;
  spec.type = type;
  ServiceRecord record;
  record.state = state;
  record.goal = state == State::kStopped ? Goal::kDown : Goal::kUp;
  record.has_run = record.has_exited = true;
  record.last_exit.code = code;
  record.ready = state == State::kRunning;
  return Judge(kind, spec, record);
}

}  // namespace

TEST_CASE("started holds while there is, or was, a process") {
  CHECK(In(State::kStarting, GateKind::kStarted) == Verdict::kOpen);
  CHECK(In(State::kBackoff, GateKind::kStarted) == Verdict::kOpen);
  CHECK(In(State::kStopped, GateKind::kStarted) == Verdict::kClosed);
  CHECK(In(State::kFailed, GateKind::kStarted) == Verdict::kImpossible);
}

TEST_CASE("ready wants a longrun running, a oneshot done well") {
  CHECK(In(State::kRunning, GateKind::kReady) == Verdict::kOpen);
  CHECK(In(State::kStarting, GateKind::kHealthy) == Verdict::kClosed);
  CHECK(In(State::kExited, GateKind::kReady) == Verdict::kImpossible);
  CHECK(In(State::kExited, GateKind::kReady, ServiceType::kOneshot) == Verdict::kOpen);
}

TEST_CASE("completed asks only whether, completed successfully also how") {
  CHECK(In(State::kExited, GateKind::kCompleted, ServiceType::kLongrun, 1) == Verdict::kOpen);
  CHECK(In(State::kFailed, GateKind::kCompleted) == Verdict::kOpen);
  CHECK(In(State::kRunning, GateKind::kCompleted) == Verdict::kClosed);
  CHECK(In(State::kExited, GateKind::kCompletedSuccessfully) == Verdict::kOpen);
  CHECK(In(State::kExited, GateKind::kCompletedSuccessfully, ServiceType::kLongrun, 1) ==
        Verdict::kImpossible);
  CHECK(In(State::kStopped, GateKind::kCompletedSuccessfully) == Verdict::kClosed);
}

}  // namespace foster
