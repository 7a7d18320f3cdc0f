// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/story.h"

namespace foster {
using namespace story;
namespace {

ServiceSpec Probed() {
  ServiceSpec spec = Longrun("a");
  spec.readiness.probe.kind = ProbeKind::kTcp;
  spec.readiness.probe.initial_delay = Millis{500};
  spec.readiness.probe.period = Millis{1000};
  return spec;
}

ServiceSpec Alive(FailureAction action) {
  ServiceSpec spec = Longrun("a");
  spec.liveness.probe.kind = ProbeKind::kTcp;
  spec.liveness.probe.period = Millis{1000};
  spec.liveness.probe.failure_threshold = 2;
  spec.liveness.action = action;
  spec.restart.when = RestartWhen::kNever;
  return spec;
}

// Passes once, then fails as often as it may.
void Fail(Story& story, ProbeUse use = ProbeUse::kLiveness) {
  const TimerKind timer = use == ProbeUse::kLiveness ? TimerKind::kLiveness : TimerKind::kReadiness;
  story.Answer(true, use);
  for (int i = 0; i < 2; ++i) {
    story.Fire(timer);
    story.Answer(false, use);
  }
}

}  // namespace

TEST_CASE("a readiness probe makes it ready, is asked quickly until then, and slowly after") {
  Story story(Probed());
  story.Spawned();
  CHECK_FALSE(story.Asks(ProbeUse::kReadiness));
  CHECK(story.DeadlineOf(TimerKind::kReadiness) == kT0 + Millis{500});
  story.Fire(TimerKind::kReadiness);
  CHECK(story.Asks(ProbeUse::kReadiness));
  story.Answer(false);
  CHECK(story.DeadlineOf(TimerKind::kReadiness) == story.now + Millis{250});
  story.Fire(TimerKind::kReadiness);
  story.Answer(true);
  CHECK(story.record().state == State::kRunning);
  CHECK(story.record().ready);
  CHECK(story.DeadlineOf(TimerKind::kReadiness) == story.now + Millis{1000});
}

TEST_CASE("ready is lost and comes back while it goes on running") {
  ServiceSpec spec = Probed();
  spec.readiness.probe.failure_threshold = 2;
  Story story(spec);
  story.Spawned();
  story.Fire(TimerKind::kReadiness);
  Fail(story, ProbeUse::kReadiness);
  CHECK(story.record().state == State::kRunning);
  CHECK_FALSE(story.record().ready);
  CHECK(story.Find(EffectKind::kChanged) != nullptr);
  story.Fire(TimerKind::kReadiness);
  story.Answer(true);
  CHECK(story.record().ready);
}

TEST_CASE("an answer counts once, for the probe and the life that it was asked for") {
  Story story(Alive(FailureAction::kRestart));
  story.Spawned();
  CHECK(story.Asks(ProbeUse::kLiveness));
  const std::uint64_t number = ProbeOf(story.record(), ProbeUse::kLiveness).number;
  Event late{.kind = EventKind::kProbeDone, .incarnation = 1, .probe = ProbeUse::kLiveness, .number = number};
  story.Step(late);
  story.Step(late);
  CHECK(ProbeOf(story.record(), ProbeUse::kLiveness).failures == 1);
  story.Fire(TimerKind::kLiveness);
  late.number = number + 1;
  story.Step({.kind = EventKind::kRestart});
  story.Exited();
  story.Spawned();
  REQUIRE(story.record().incarnation == 2);
  story.Step(late);
  CHECK(ProbeOf(story.record(), ProbeUse::kLiveness).failures == 0);
  CHECK(ProbeOf(story.record(), ProbeUse::kLiveness).number == number + 2);
}

TEST_CASE("who is not well is restarted whatever its policy says, and says why") {
  Story story(Alive(FailureAction::kRestart));
  story.Spawned();
  Fail(story);
  CHECK(story.record().state == State::kStopping);
  CHECK(story.Signalled(SIGTERM));
  CHECK(story.DeadlineOf(TimerKind::kLiveness) == kNoDeadline);
  story.Exited({0, SIGTERM});
  while (story.record().state == State::kBackoff) story.Fire();
  CHECK(story.record().state == State::kStarting);
  CHECK(story.record().incarnation == 2);
  CHECK(story.record().cause.kind == CauseKind::kUnhealthy);
  CHECK(story.record().cause.probe == ProbeUse::kLiveness);
}

TEST_CASE("a restart of the unhealthy stays within max_restarts") {
  ServiceSpec spec = Alive(FailureAction::kRestart);
  spec.restart.max_restarts = 0;
  Story story(spec);
  story.Spawned();
  Fail(story);
  story.Exited({0, SIGTERM});
  CHECK(story.record().state == State::kFailed);
  CHECK(story.record().cause.kind == CauseKind::kGaveUp);
  CHECK(story.record().stop_cause.kind == CauseKind::kUnhealthy);
}

TEST_CASE("stop, by policy and ignore do what they say") {
  Story stopped(Alive(FailureAction::kStop));
  stopped.Spawned();
  Fail(stopped);
  stopped.Exited();
  CHECK(stopped.record().state == State::kFailed);
  CHECK(stopped.record().cause.kind == CauseKind::kUnhealthy);

  ServiceSpec spec = Alive(FailureAction::kByPolicy);
  spec.restart.when = RestartWhen::kOnFailure;
  Story by_policy(spec);
  by_policy.Spawned();
  Fail(by_policy);
  by_policy.Exited();  // with success: it counts as a failure all the same
  CHECK((by_policy.record().state == State::kBackoff || by_policy.record().state == State::kStarting));

  Story ignored(Alive(FailureAction::kIgnore));
  ignored.Spawned();
  Fail(ignored);
  CHECK(ignored.record().state == State::kRunning);
  CHECK_FALSE(ProbeOf(ignored.record(), ProbeUse::kLiveness).passes);
}

TEST_CASE("the workload ends with who is not well, and nothing is judged on its way down") {
  Story story(Alive(FailureAction::kEndWorkload));
  story.Spawned();
  Fail(story);
  CHECK(story.record().goal == Goal::kDown);
  CHECK(story.record().state == State::kStopping);
  CHECK(story.record().cause.kind == CauseKind::kWorkloadEnded);
  story.Exited({0, SIGTERM});
  CHECK(story.record().state == State::kStopped);
}

TEST_CASE("a readiness probe that never passes fails the start") {
  ServiceSpec spec = Probed();
  spec.readiness.action = FailureAction::kByPolicy;
  Story story(spec);
  story.Spawned();
  story.Fire(TimerKind::kReadiness);
  int answers = 0;
  for (; story.record().state == State::kStarting && answers < 100; ++answers) {
    story.Answer(false);
    if (story.record().state == State::kStarting) story.Fire(TimerKind::kReadiness);
  }
  CHECK(story.record().state == State::kStopping);
  CHECK(story.now == kT0 + Millis{500 + 3000});
  story.Exited({0, SIGTERM});
  CHECK(story.record().failed_starts == 1);
  CHECK(story.record().state == State::kBackoff);
}

TEST_CASE("a log line is asked for once") {
  ServiceSpec spec = Probed();
  spec.readiness.probe.kind = ProbeKind::kLogLine;
  Story story(spec);
  story.Spawned();
  CHECK(story.Asks(ProbeUse::kReadiness));
  CHECK(story.DeadlineOf(TimerKind::kReadiness) == kNoDeadline);
  story.Answer(true);
  CHECK(story.record().state == State::kRunning);
  CHECK(story.DeadlineOf(TimerKind::kReadiness) == kNoDeadline);
}

TEST_CASE("a new supervise asks again, and the lost answer does not count") {
  Story story(Alive(FailureAction::kRestart));
  story.Spawned(50);
  const std::uint64_t number = ProbeOf(story.record(), ProbeUse::kLiveness).number;
  story.ComeBack(Millis{60'000}, {{.incarnation = 1, .pid = 50}});
  CHECK(story.Asks(ProbeUse::kLiveness));
  CHECK(ProbeOf(story.record(), ProbeUse::kLiveness).number == number + 1);
  story.Answer(false);  // the first look after a long time away: not the last word
  CHECK(story.record().state == State::kRunning);
}

TEST_CASE("a reload takes another probe without a restart") {
  ServiceSpec spec = Alive(FailureAction::kRestart);
  Story story(spec);
  story.Spawned();
  story.Answer(true, ProbeUse::kLiveness);
  spec.liveness.probe.kind = ProbeKind::kHttp;
  story.engine->ClearEffects();
  story.engine->Apply(PlanOf({spec}), story.now);
  CHECK(story.record().state == State::kRunning);
  CHECK(story.Asks(ProbeUse::kLiveness));
  CHECK(ProbeOf(story.record(), ProbeUse::kLiveness).passes);
  spec.liveness.probe.kind = ProbeKind::kNone;
  story.engine->Apply(PlanOf({spec}), story.now);
  CHECK_FALSE(ProbeOf(story.record(), ProbeUse::kLiveness).pending);
}

}  // namespace foster
