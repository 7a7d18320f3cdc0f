// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/story.h"

namespace foster {
using namespace story;
namespace {

constexpr Millis kGap{30'000};

void Sleep(Story& story) {
  story.now += kGap;
  story.engine->ClearEffects();
  story.engine->MoveTime(kGap, story.now);
}

}  // namespace

TEST_CASE("nobody is late after a pause, and probes are asked again") {
  ServiceSpec spec = Longrun("a");
  spec.liveness.probe.kind = ProbeKind::kTcp;
  spec.liveness.watchdog = Millis{2000};
  Story story(spec);
  story.Spawned();
  const std::uint64_t number = ProbeOf(story.record(), ProbeUse::kLiveness).number;
  Sleep(story);
  CHECK(story.DeadlineOf(TimerKind::kWatchdog) == kT0 + kGap + Millis{2000});
  CHECK(story.Asks(ProbeUse::kLiveness));
  Event late{.kind = EventKind::kProbeDone, .probe = ProbeUse::kLiveness, .number = number};
  story.Step(late);
  CHECK(ProbeOf(story.record(), ProbeUse::kLiveness).failures == 0);
  story.Answer(false, ProbeUse::kLiveness);
  CHECK(story.record().state == State::kRunning);
}

TEST_CASE("a grace, and the age of a life, move by the gap") {
  ServiceSpec spec = Longrun("a");
  spec.restart.grow_endings = true;
  spec.restart.reset_after = Millis{5000};
  Story story(spec);
  for (int i = 0; i < 2; ++i) {
    story.Spawned();
    story.now += Millis{1000};
    Sleep(story);
    story.Exited({1, 0});
    CHECK(story.record().endings == static_cast<std::uint32_t>(i + 1));
    story.Fire();
  }
  story.Spawned();
  story.Step({.kind = EventKind::kDown});
  const MonoTime grace = story.record().deadline;
  const std::uint64_t epoch = story.record().epoch;
  Sleep(story);
  CHECK(story.record().deadline == grace + kGap);
  story.Step({.kind = EventKind::kTimer, .epoch = epoch});
  CHECK(story.record().state == State::kStopping);
  story.Fire();
  CHECK(story.record().state == State::kKilling);
}

TEST_CASE("the window of a budget does not run out while the machine sleeps") {
  ServiceSpec spec = Longrun("a");
  spec.restart.budget = 1;
  spec.restart.budget_window = Millis{10'000};
  spec.restart.ending_delay = Millis{0};
  Story story(spec);
  story.Spawned();
  story.Exited({1, 0});
  CHECK(story.record().restarts == 1);
  story.Spawned();
  Sleep(story);
  story.Exited({1, 0});
  CHECK(story.record().state == State::kFailed);
  CHECK(story.record().cause.kind == CauseKind::kGaveUp);
}

TEST_CASE("the time of a shutdown moves too") {
  Story story(Longrun("a"));
  story.Spawned();
  story.engine->Shutdown(story.now, story.now + Millis{5500});
  CHECK(story.record().deadline == kT0 + Millis{5000});
  Sleep(story);
  CHECK(story.record().deadline == kT0 + kGap + Millis{5000});
}

}  // namespace foster
