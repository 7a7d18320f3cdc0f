// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/story.h"

namespace foster {
using namespace story;
namespace {

ServiceSpec Speaking(Millis watchdog = Millis{0}) {
  ServiceSpec spec = Longrun("a");
  spec.readiness.sd_notify = true;
  spec.liveness.watchdog = watchdog;
  return spec;
}

void Ready(Story& story) { story.Step({.kind = EventKind::kReady}); }

}  // namespace

TEST_CASE("READY=1 makes it ready, also when it overtakes the word of init") {
  Story story(Speaking());
  Ready(story);
  CHECK(story.record().state == State::kStarting);
  story.Spawned();
  CHECK(story.record().state == State::kRunning);
  CHECK(story.record().ready);
}

TEST_CASE("reloading is shown until READY=1, stopping takes ready away for good") {
  Story story(Speaking());
  story.Spawned();
  Ready(story);
  story.Notify(Notice::kReloading);
  CHECK(story.record().reloading);
  CHECK(story.record().ready);
  Ready(story);
  CHECK_FALSE(story.record().reloading);
  story.Notify(Notice::kStopping);
  CHECK_FALSE(story.record().ready);
  Ready(story);
  CHECK_FALSE(story.record().ready);
  CHECK(story.record().state == State::kRunning);
}

TEST_CASE("more time is given to a start and a stop, never taken") {
  ServiceSpec spec = Speaking();
  spec.timeouts.up = Millis{1000};
  Story story(spec);
  story.Spawned();
  story.Notify(Notice::kExtendTimeout, Millis{5000});
  CHECK(story.record().deadline == kT0 + Millis{5000});
  REQUIRE(story.Find(EffectKind::kArmTimer) != nullptr);
  CHECK(story.Find(EffectKind::kArmTimer)->deadline == kT0 + Millis{5000});
  story.Notify(Notice::kExtendTimeout, Millis{10});
  CHECK(story.record().deadline == kT0 + Millis{5000});
  story.engine->Shutdown(story.now, story.now + Millis{3000});
  story.Notify(Notice::kExtendTimeout, Millis{60'000});
  CHECK(story.record().deadline == kT0 + Millis{2500});
}

TEST_CASE("a start time is no limit that could be extended") {
  ServiceSpec spec = Longrun("a");
  spec.readiness.start_time = Millis{1000};
  Story story(spec);
  story.Spawned();
  story.Notify(Notice::kExtendTimeout, Millis{5000});
  CHECK(story.record().deadline == kT0 + Millis{1000});
}

TEST_CASE("the watchdog is fed from READY=1 on, and bites when it is not") {
  Story story(Speaking(Millis{2000}));
  story.Spawned();
  CHECK(story.DeadlineOf(TimerKind::kWatchdog) == kNoDeadline);
  Ready(story);
  CHECK(story.DeadlineOf(TimerKind::kWatchdog) == kT0 + Millis{2000});
  story.now += Millis{1500};
  story.Notify(Notice::kWatchdog);
  CHECK(story.DeadlineOf(TimerKind::kWatchdog) == kT0 + Millis{3500});
  story.Fire(TimerKind::kWatchdog);
  CHECK(story.record().state == State::kStopping);
  story.Exited({0, SIGTERM});
  while (story.record().state == State::kBackoff) story.Fire();
  CHECK(story.record().cause.kind == CauseKind::kWatchdog);
  CHECK(story.record().incarnation == 2);
}

TEST_CASE("a service may ask for a watchdog, and pull its trigger") {
  Story story(Longrun("a"));
  story.Spawned();
  story.Notify(Notice::kWatchdogInterval, Millis{700});
  CHECK(story.DeadlineOf(TimerKind::kWatchdog) == kT0 + Millis{700});
  story.Notify(Notice::kWatchdogTrigger);
  CHECK(story.record().state == State::kStopping);
  CHECK(story.record().stop_cause.kind == CauseKind::kWatchdog);
}

TEST_CASE("what an earlier life says is not heard") {
  Story story(Longrun("a"));
  story.Spawned();
  story.Step({.kind = EventKind::kRestart});
  story.Exited();
  story.Spawned();
  story.Step({.kind = EventKind::kNotice, .incarnation = 1, .notice = Notice::kStopping});
  CHECK(story.record().ready);
  CHECK_FALSE(story.record().said_stopping);
}

TEST_CASE("time that supervise was away does not let the watchdog bite") {
  Story story(Speaking(Millis{2000}));
  story.Spawned(50);
  Ready(story);
  story.ComeBack(Millis{60'000}, {{.incarnation = 1, .pid = 50}});
  CHECK(story.DeadlineOf(TimerKind::kWatchdog) == story.now + Millis{2000});
}

}  // namespace foster
