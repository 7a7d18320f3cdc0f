// SPDX-License-Identifier: MIT
#include "supervise/outcome.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

ServiceRecord In(State state, Goal goal = Goal::kUp, std::uint64_t incarnation = 1) {
  ServiceRecord record;
  record.state = state;
  record.goal = goal;
  record.incarnation = incarnation;
  return record;
}

VerbVerdict Of(Verb verb, const ServiceRecord& record, std::uint64_t before = 0) {
  return Judge(verb, before, record, ServiceSpec{}).verdict;
}

}  // namespace

TEST_CASE("up ends with running, or with the first failure") {
  CHECK(Of(Verb::kUp, In(State::kStarting)) == VerbVerdict::kPending);
  CHECK(Of(Verb::kUp, In(State::kWaiting)) == VerbVerdict::kPending);
  CHECK(Of(Verb::kUp, In(State::kRunning)) == VerbVerdict::kOk);
  CHECK(Of(Verb::kUp, In(State::kBackoff)) == VerbVerdict::kFailed);
  CHECK(Of(Verb::kUp, In(State::kFailed)) == VerbVerdict::kFailed);
  ServiceRecord stuck = In(State::kWaiting);
  stuck.cause.kind = CauseKind::kDependency;
  CHECK(Of(Verb::kUp, stuck) == VerbVerdict::kFailed);
}

TEST_CASE("what exited is judged by its exit") {
  ServiceRecord record = In(State::kExited);
  record.has_exited = true;
  CHECK(Of(Verb::kOnce, record) == VerbVerdict::kOk);
  record.last_exit.code = 3;
  CHECK(Of(Verb::kOnce, record) == VerbVerdict::kFailed);
  record.last_exit = {0, 9};
  CHECK(Of(Verb::kUp, record) == VerbVerdict::kFailed);
}

TEST_CASE("a restart is over only with another life") {
  CHECK(Of(Verb::kRestart, In(State::kRunning, Goal::kUp, 4), 4) == VerbVerdict::kPending);
  CHECK(Of(Verb::kRestart, In(State::kRunning, Goal::kUp, 5), 4) == VerbVerdict::kOk);
  CHECK(Of(Verb::kRestart, In(State::kStopping, Goal::kUp, 4), 4) == VerbVerdict::kPending);
}

TEST_CASE("down ends without a process") {
  CHECK(Of(Verb::kDown, In(State::kStopping, Goal::kDown)) == VerbVerdict::kPending);
  CHECK(Of(Verb::kDown, In(State::kFinishing, Goal::kDown)) == VerbVerdict::kPending);
  CHECK(Of(Verb::kDown, In(State::kStopped, Goal::kDown)) == VerbVerdict::kOk);
  CHECK(Of(Verb::kDown, In(State::kFailed, Goal::kDown)) == VerbVerdict::kOk);
  CHECK(Of(Verb::kDown, In(State::kRunning, Goal::kUp)) == VerbVerdict::kFailed);
}

TEST_CASE("somebody else's opposite wish ends the waiting") {
  CHECK(Of(Verb::kUp, In(State::kStopped, Goal::kDown)) == VerbVerdict::kFailed);
  CHECK(Of(Verb::kRestart, In(State::kStopping, Goal::kDown)) == VerbVerdict::kFailed);
}

}  // namespace foster
