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

TEST_CASE("stopped holds where nothing lives and nothing is due") {
  CHECK(In(State::kStopped, GateKind::kStopped) == Verdict::kOpen);
  CHECK(In(State::kExited, GateKind::kStopped) == Verdict::kOpen);
  CHECK(In(State::kFailed, GateKind::kStopped) == Verdict::kOpen);
  CHECK(In(State::kWaiting, GateKind::kStopped) == Verdict::kClosed);
  CHECK(In(State::kStopping, GateKind::kStopped) == Verdict::kClosed);
}

TEST_CASE("healthy wants the liveness probe to pass where there is one") {
  ServiceSpec spec;
  ServiceRecord record;
  record.state = State::kRunning;
  record.goal = Goal::kUp;
  record.ready = true;
  CHECK(Judge(GateKind::kHealthy, spec, record) == Verdict::kOpen);
  spec.liveness.probe.kind = ProbeKind::kTcp;
  CHECK(Judge(GateKind::kHealthy, spec, record) == Verdict::kClosed);
  ProbeOf(record, ProbeUse::kLiveness).passes = true;
  CHECK(Judge(GateKind::kHealthy, spec, record) == Verdict::kOpen);
  record.ready = false;
  CHECK(Judge(GateKind::kHealthy, spec, record) == Verdict::kClosed);
}

TEST_CASE("a gate is worth what its strength says") {
  ServiceSpec spec;
  ServiceRecord record;
  Gate gate;
  gate.kind = GateKind::kReady;
  const auto by = [&](GateStrength strength, State state, Goal goal) {
    gate.strength = strength;
    record.state = state;
    record.goal = goal;
    return Judge(gate, spec, record);
  };
  CHECK(by(GateStrength::kHard, State::kFailed, Goal::kUp) == Verdict::kImpossible);
  CHECK(by(GateStrength::kSoft, State::kFailed, Goal::kUp) == Verdict::kOpen);
  CHECK(by(GateStrength::kSoft, State::kStopped, Goal::kDown) == Verdict::kClosed);
  CHECK(by(GateStrength::kOrder, State::kStarting, Goal::kUp) == Verdict::kClosed);
  CHECK(by(GateStrength::kOrder, State::kStopped, Goal::kDown) == Verdict::kOpen);
  CHECK(by(GateStrength::kOrder, State::kFailed, Goal::kUp) == Verdict::kOpen);
  CHECK(by(GateStrength::kMilestone, State::kFailed, Goal::kUp) == Verdict::kImpossible);
  record.gates_opened = GateBit(GateKind::kReady);
  CHECK(by(GateStrength::kMilestone, State::kFailed, Goal::kUp) == Verdict::kOpen);
}

TEST_CASE("what is about to stop opens no gate") {
  ServiceSpec spec;
  spec.type = ServiceType::kOneshot;
  ServiceRecord record;
  record.state = State::kExited;
  record.has_exited = record.was_up = true;
  for (const GateKind kind : {GateKind::kStarted, GateKind::kReady, GateKind::kHealthy, GateKind::kCompleted,
                              GateKind::kCompletedSuccessfully, GateKind::kStopped}) {
    record.waits_for_dependents = false;
    CHECK(Judge(kind, spec, record) == Verdict::kOpen);
    record.waits_for_dependents = true;
    CHECK(Judge(kind, spec, record) == Verdict::kClosed);
  }
}

}  // namespace foster
