// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/story.h"

namespace foster {
using namespace story;

TEST_CASE("exit rules come before the policy") {
  ServiceSpec spec = Longrun("a");
  spec.restart.when = RestartWhen::kOnFailure;
  spec.restart.rules = {{.value = 3, .verdict = ExitRule::Verdict::kDone},
                        {.value = 4, .verdict = ExitRule::Verdict::kFail},
                        {.value = 0, .verdict = ExitRule::Verdict::kRestart}};
  const auto after = [&](int code) {
    Story story(spec);
    story.Spawned();
    story.Exited({code, 0});
    return story.record().state;
  };
  CHECK(after(3) == State::kExited);
  CHECK(after(4) == State::kFailed);
  CHECK(after(0) == State::kBackoff);
  CHECK(after(5) == State::kBackoff);
}

TEST_CASE("a rule also ends a start that failed") {
  ServiceSpec spec = Longrun("a");
  spec.readiness.start_time = Millis{1000};
  spec.restart.rules = {{.is_signal = true, .value = SIGSEGV, .verdict = ExitRule::Verdict::kFail}};
  Story story(spec);
  story.Spawned();
  story.Exited({0, SIGSEGV});
  CHECK(story.record().state == State::kFailed);
  CHECK(story.record().cause.kind == CauseKind::kSignaled);
}

TEST_CASE("a success signal is a good end") {
  ServiceSpec spec = Longrun("a");
  spec.restart.when = RestartWhen::kOnFailure;
  spec.success_signals = {SIGTERM};
  Story story(spec);
  story.Spawned();
  story.Exited({0, SIGTERM});
  CHECK(story.record().state == State::kExited);
}

TEST_CASE("over its budget it gives up with its last cause; a request gives it a new one") {
  ServiceSpec spec = Longrun("a");
  spec.restart.budget = 3;
  spec.restart.budget_window = Millis{60'000};
  Story story(spec);
  for (int i = 0; i < 4; ++i) {
    story.Spawned();
    story.Exited({7, 0});
    if (story.record().state == State::kBackoff) story.Fire();
  }
  CHECK(story.record().state == State::kFailed);
  CHECK(story.record().cause.kind == CauseKind::kGaveUp);
  CHECK(story.record().cause.status.code == 7);
  CHECK(story.record().restarts == 3);
  story.Step({.kind = EventKind::kUp});
  story.Spawned();
  story.Exited({7, 0});
  CHECK(story.record().state == State::kBackoff);
}

TEST_CASE("a new plan's smaller budget counts for the restart that is due") {
  ServiceSpec spec = Longrun("a");
  Story story(spec);
  story.Spawned();
  story.Exited({7, 0});
  REQUIRE(story.record().state == State::kBackoff);
  spec.restart.budget = 0;
  story.engine->Apply(PlanOf({spec}), story.now);
  story.Fire();
  CHECK(story.record().state == State::kFailed);
  CHECK(story.record().cause.kind == CauseKind::kGaveUp);
}

TEST_CASE("endings in a row wait longer and longer, until one has lived long enough") {
  ServiceSpec spec = Longrun("a");
  spec.restart.grow_endings = true;
  Story story(spec);
  const auto wait_after = [&](Millis life) {
    story.Spawned();
    story.now += life;
    story.Exited({1, 0});
    const Millis wait = story.record().deadline - story.now;
    story.Fire();
    return wait;
  };
  CHECK(wait_after(Millis{10}) == Millis{1000});
  CHECK(wait_after(Millis{10}) == Millis{2000});
  CHECK(wait_after(Millis{10}) == Millis{4000});
  CHECK(wait_after(Millis{10'000}) == Millis{1000});
}

TEST_CASE("jitter makes waits differ, within bounds, and the same again for the same seed") {
  ServiceSpec spec = Longrun("a");
  spec.restart.jitter_percent = 50;
  const auto waits = [&](std::uint64_t seed) {
    Engine engine(seed);
    engine.Apply(PlanOf({spec}), kT0);
    engine.Step({.kind = EventKind::kSpawned, .service = 0, .incarnation = 1, .pid = 5}, kT0);
    engine.Step({.kind = EventKind::kExited, .service = 0, .incarnation = 1, .status = {1, 0}}, kT0);
    return engine.record(0).deadline - kT0;
  };
  bool differ = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CHECK(waits(seed) >= Millis{1000});
    CHECK(waits(seed) <= Millis{1500});
    CHECK(waits(seed) == waits(seed));
    differ |= waits(seed) != waits(0);
  }
  CHECK(differ);
}

TEST_CASE("a start that took too long says so at the next try, and when it gives up") {
  ServiceSpec spec = Longrun("a");
  spec.readiness.notify_fd = 3;
  spec.timeouts.up = Millis{1000};
  spec.restart.start_retries = 1;
  Story story(spec);
  story.Spawned();
  story.Fire();
  story.Exited({0, SIGTERM});
  CHECK(story.record().state == State::kBackoff);
  CHECK(story.record().cause.kind == CauseKind::kTimedOut);
  story.Fire();
  story.Spawned();
  story.Fire();
  story.Exited({0, SIGTERM});
  CHECK(story.record().cause.kind == CauseKind::kGaveUp);
  CHECK(story.record().stop_cause.kind == CauseKind::kTimedOut);
}

TEST_CASE("the end of a stop command's tree is not that of the service") {
  ServiceSpec spec = Longrun("it");
  spec.stop.method = StopMethod::kCommand;
  spec.stop.command.argv = {"stop"};
  Story story(spec);
  story.Spawned();
  story.Step({.kind = EventKind::kDown});
  story.Spawned(11, Role::kStop);
  story.Exited({}, true);
  story.Exited({}, true, Role::kStop);
  story.Step({.kind = EventKind::kTreeGone, .role = Role::kStop});
  CHECK(story.record().state == State::kStopping);
  story.Step({.kind = EventKind::kTreeGone});
  CHECK(story.record().state == State::kStopped);
}

}  // namespace foster
