// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/story.h"

namespace foster {
using namespace story;
namespace {

ServiceSpec ByCommand() {
  ServiceSpec spec = Longrun("a");
  spec.stop.method = StopMethod::kCommand;
  spec.stop.command.argv = {"stop"};
  return spec;
}

void Down(Story& story) { story.Step({.kind = EventKind::kDown}); }

}  // namespace

TEST_CASE("a stop command is run, and waited for after the main process") {
  Story story(ByCommand());
  story.Spawned();
  Down(story);
  CHECK(story.Spawns(Role::kStop));
  CHECK_FALSE(story.Signalled(SIGTERM));
  CHECK(story.record().deadline == kT0 + Millis{10'000});
  story.Spawned(20, Role::kStop);
  story.Exited();
  CHECK(story.record().state == State::kStopping);
  story.Exited({}, false, Role::kStop);
  CHECK(story.record().state == State::kStopped);
}

TEST_CASE("the stop command may be over long before the main process") {
  Story story(ByCommand());
  story.Spawned();
  Down(story);
  story.Spawned(20, Role::kStop);
  story.Exited({}, false, Role::kStop);
  CHECK_FALSE(story.Signalled(SIGTERM));
  CHECK(story.record().state == State::kStopping);
  story.Exited();
  CHECK(story.record().state == State::kStopped);
}

TEST_CASE("where the stop command fails, the signal is sent") {
  Story not_spawned(ByCommand());
  not_spawned.Spawned();
  Down(not_spawned);
  not_spawned.Step({.kind = EventKind::kSpawnFailed, .role = Role::kStop, .stage = 4, .error = 2});
  CHECK(not_spawned.Signalled(SIGTERM));

  Story failed(ByCommand());
  failed.Spawned();
  Down(failed);
  failed.Spawned(20, Role::kStop);
  failed.Exited({1, 0}, false, Role::kStop);
  CHECK(failed.Signalled(SIGTERM));
  CHECK(failed.record().deadline == kT0 + Millis{10'000});
}

TEST_CASE("at the end of the grace both trees are killed") {
  Story story(ByCommand());
  story.Spawned();
  Down(story);
  story.Spawned(20, Role::kStop);
  story.Fire();
  CHECK(story.record().state == State::kKilling);
  CHECK(story.Signalled(SIGKILL));
  CHECK(story.Signalled(SIGKILL, Role::kStop));
  story.Exited({0, SIGKILL});
  story.Fire();
  CHECK_FALSE(story.Signalled(SIGKILL));  // nobody is left there
  CHECK(story.Signalled(SIGKILL, Role::kStop));
  story.Exited({0, SIGKILL}, false, Role::kStop);
  CHECK(story.record().state == State::kStopped);
}

TEST_CASE("keys are pressed when there is somebody to read them") {
  ServiceSpec spec = Longrun("a");
  spec.stop.method = StopMethod::kKeys;
  spec.stop.keys = "q";
  Story story(spec);
  Down(story);
  CHECK(story.Find(EffectKind::kStopKeys) == nullptr);
  story.Spawned();
  CHECK(story.Find(EffectKind::kStopKeys) != nullptr);
  CHECK_FALSE(story.Signalled(SIGTERM));
  story.Fire();
  CHECK(story.Signalled(SIGKILL));
}

TEST_CASE("a new life does not meet the rest of the old tree") {
  ServiceSpec spec = Longrun("a");
  spec.restart.ending_delay = Millis{0};
  Story story(spec);
  story.Spawned();
  story.now += Millis{20'000};
  story.Exited({3, 0}, true);
  CHECK(story.record().state == State::kStopping);
  REQUIRE(story.Signalled(SIGTERM));
  CHECK(story.Find(EffectKind::kSignal)->scope == SignalScope::kTree);
  CHECK_FALSE(story.Spawns());
  story.Fire();
  CHECK(story.record().state == State::kKilling);
  story.Step({.kind = EventKind::kTreeGone});
  CHECK(story.Spawns());
  CHECK(story.record().last_exit.code == 3);
  CHECK(story.record().cause.kind == CauseKind::kExited);
  CHECK(story.record().failed_starts == 0);
}

TEST_CASE("a short life is not made long by the rest that it leaves") {
  ServiceSpec spec = Longrun("a");
  spec.restart.grow_endings = true;
  spec.restart.reset_after = Millis{5000};
  Story story(spec);
  for (int i = 0; i < 3; ++i) {
    story.Spawned();
    story.now += Millis{1000};
    story.Exited({1, 0}, true);
    story.now += Millis{9000};
    story.Step({.kind = EventKind::kTreeGone});
    REQUIRE(story.record().state == State::kBackoff);
    CHECK(story.record().deadline == story.now + Millis{1000 << i});
    story.Fire();
  }
}

TEST_CASE("the rest may be kept, and a oneshot's is") {
  ServiceSpec spec = Longrun("a");
  spec.stop.keep_rest = true;
  Story kept(spec);
  kept.Spawned();
  kept.Exited({1, 0}, true);
  CHECK(kept.record().state == State::kBackoff);
  spec.stop.keep_rest = false;
  spec.type = ServiceType::kOneshot;
  Story oneshot(spec);
  oneshot.Spawned();
  oneshot.Exited({}, true);
  CHECK(oneshot.record().state == State::kExited);
}

TEST_CASE("what outlives the main process in a stop hears of the stop too") {
  ServiceSpec spec = Longrun("a");
  spec.stop.scope = SignalScope::kGroup;
  Story story(spec);
  story.Spawned();
  Down(story);
  story.Exited({0, SIGTERM}, true);
  const Effect* signal = story.Find(EffectKind::kSignal);
  REQUIRE(signal != nullptr);
  CHECK(signal->signal == SIGTERM);
  CHECK(signal->scope == SignalScope::kTree);
  CHECK(story.record().state == State::kStopping);
}

TEST_CASE("an answer that changes nothing is not told to those who follow") {
  ServiceSpec spec = Longrun("a");
  spec.liveness.probe.kind = ProbeKind::kTcp;
  Story story(spec);
  story.Spawned();
  story.Step({.kind = EventKind::kProbeDone,
              .incarnation = 1,
              .probe = ProbeUse::kLiveness,
              .number = ProbeOf(story.record(), ProbeUse::kLiveness).number,
              .success = true});
  CHECK(story.Find(EffectKind::kChanged)->visible);
  story.Step({.kind = EventKind::kTimer,
              .epoch = TimerOf(story.record(), TimerKind::kLiveness).epoch,
              .timer = TimerKind::kLiveness});
  story.now = TimerOf(story.record(), TimerKind::kLiveness).deadline;
  story.Step({.kind = EventKind::kTimer,
              .epoch = TimerOf(story.record(), TimerKind::kLiveness).epoch,
              .timer = TimerKind::kLiveness});
  REQUIRE(story.Find(EffectKind::kProbe) != nullptr);
  CHECK_FALSE(story.Find(EffectKind::kChanged)->visible);
}

TEST_CASE("a new supervise finds the stop command, or does without") {
  Story lost(ByCommand());
  lost.Spawned(50);
  Down(lost);
  lost.ComeBack(Millis{100}, {{.incarnation = 1, .pid = 50}});
  CHECK(lost.Spawns(Role::kStop));

  Story live(ByCommand());
  live.Spawned(50);
  Down(live);
  live.Spawned(60, Role::kStop);
  live.ComeBack(Millis{100},
                {{.incarnation = 1, .pid = 50}, {.role = Role::kStop, .incarnation = 1, .pid = 60}});
  CHECK_FALSE(live.Spawns(Role::kStop));
  CHECK_FALSE(live.Signalled(SIGTERM));
  CHECK(live.record().stop_pid == 60);

  Story gone(ByCommand());
  gone.Spawned(50);
  Down(gone);
  gone.Spawned(60, Role::kStop);
  gone.ComeBack(Millis{100}, {{.incarnation = 1, .pid = 50}});
  CHECK(gone.Signalled(SIGTERM));

  Story only_command(ByCommand());
  only_command.Spawned(50);
  Down(only_command);
  only_command.Spawned(60, Role::kStop);
  only_command.ComeBack(Millis{100}, {{.role = Role::kStop, .incarnation = 1, .pid = 60}});
  CHECK(only_command.record().state == State::kStopping);
  only_command.Exited({}, false, Role::kStop);
  CHECK(only_command.record().state == State::kStopped);
}

TEST_CASE("a new supervise goes on with the rest of a tree") {
  Story story(Longrun("a"));
  story.Spawned(50);
  story.Exited({3, 0}, true);
  story.ComeBack(Millis{100}, {{.incarnation = 1, .pid = 50, .lingering = true}});
  CHECK(story.record().state == State::kStopping);
  CHECK(story.Signalled(SIGTERM));
  story.Step({.kind = EventKind::kTreeGone});
  CHECK(story.record().last_exit.code == 3);
  CHECK(story.record().state == State::kBackoff);
}

}  // namespace foster
