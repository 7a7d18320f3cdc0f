// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/story.h"

namespace foster {
using namespace story;
namespace {

ServiceSpec Daemonising(Follow follow) {
  ServiceSpec spec = Longrun("a");
  spec.daemon.follow = follow;
  return spec;
}

void Followed(Story& story, std::int32_t pid) { story.Step({.kind = EventKind::kFollowed, .pid = pid}); }

}  // namespace

TEST_CASE("a launcher that ends with success is followed, not restarted") {
  Story story(Daemonising(Follow::kMainPid));
  story.Spawned(10);
  CHECK(story.record().state == State::kStarting);
  story.Notify(Notice::kMainPid, Millis{0}, 77);
  story.Exited({}, true);
  REQUIRE(story.Find(EffectKind::kFollow) != nullptr);
  CHECK(story.Find(EffectKind::kFollow)->pid == 77);
  CHECK(story.record().state == State::kStarting);
  Followed(story, 77);
  CHECK(story.record().state == State::kRunning);
  CHECK(story.record().pid == 77);
  CHECK(story.record().incarnation == 1);
  story.Exited({4, 0});
  CHECK(story.record().last_exit.code == 4);
  CHECK(story.record().state == State::kBackoff);
  CHECK_FALSE(story.record().following);
}

TEST_CASE("a tree without a main process lives until its last process is gone") {
  Story story(Daemonising(Follow::kLast));
  story.Spawned(10);
  story.Exited({}, true);
  Followed(story, 0);
  CHECK(story.record().state == State::kRunning);
  CHECK(story.record().pid == 0);
  story.Step({.kind = EventKind::kTreeGone});
  CHECK(story.record().state == State::kBackoff);
  CHECK(story.record().cause.kind == CauseKind::kExited);
}

TEST_CASE("a main process that is named late is followed then") {
  Story story(Daemonising(Follow::kMainPid));
  story.Spawned(10);
  story.Exited({}, true);
  Followed(story, 0);
  REQUIRE(story.record().state == State::kRunning);
  story.Notify(Notice::kMainPid, Millis{0}, 77);
  REQUIRE(story.Find(EffectKind::kFollow) != nullptr);
  CHECK(story.Find(EffectKind::kFollow)->pid == 77);
  Followed(story, 77);
  CHECK(story.record().pid == 77);
  CHECK_FALSE(story.record().lingering);
  CHECK(story.record().state == State::kRunning);
}

TEST_CASE("the whole tree is told to stop where there is no main process") {
  Story story(Daemonising(Follow::kLast));
  story.Spawned(10);
  story.Exited({}, true);
  Followed(story, 0);
  story.Step({.kind = EventKind::kDown});
  REQUIRE(story.Signalled(SIGTERM));
  CHECK(story.Find(EffectKind::kSignal)->scope == SignalScope::kTree);
  story.Step({.kind = EventKind::kTreeGone});
  CHECK(story.record().state == State::kStopped);
}

TEST_CASE("a start time counts from when it is followed, a time limit from the spawn") {
  ServiceSpec spec = Daemonising(Follow::kLast);
  spec.readiness.start_time = Millis{1000};
  spec.timeouts.up = Millis{5000};
  Story story(spec);
  story.Spawned(10);
  CHECK(story.record().deadline == kT0 + Millis{5000});
  story.now += Millis{3000};
  story.Exited({}, true);
  Followed(story, 0);
  CHECK(story.record().deadline == kT0 + Millis{4000});
  story.Fire();
  CHECK(story.record().state == State::kRunning);

  Story slow(spec);
  slow.Spawned(10);
  slow.Fire();
  CHECK(slow.record().state == State::kStopping);
  CHECK(slow.record().cause.kind == CauseKind::kTimedOut);
}

TEST_CASE("a launcher that fails, or leaves nothing, has just ended") {
  Story failed(Daemonising(Follow::kLast));
  failed.Spawned(10);
  failed.Exited({1, 0});
  CHECK(failed.record().state == State::kBackoff);
  CHECK(failed.record().failed_starts == 1);
  Story alone(Daemonising(Follow::kLast));
  alone.Spawned(10);
  alone.Exited({}, false);
  CHECK(alone.Find(EffectKind::kFollow) == nullptr);
  CHECK(alone.record().state == State::kBackoff);
}

TEST_CASE("a tree that goes before it was followed has ended, and the late answer is nobody's") {
  Story story(Daemonising(Follow::kPidFile));
  story.Spawned(10);
  story.Exited({}, true);
  story.Step({.kind = EventKind::kTreeGone});
  CHECK(story.record().state == State::kBackoff);
  Followed(story, 99);
  CHECK(story.record().pid == 0);
  CHECK(story.record().state == State::kBackoff);
}

TEST_CASE("a new supervise asks again whom to follow, or sees it") {
  Story asks(Daemonising(Follow::kPidFile));
  asks.Spawned(10);
  asks.Exited({}, true);
  asks.ComeBack(Millis{100}, {{.incarnation = 1, .pid = 10, .lingering = true}});
  CHECK(asks.Find(EffectKind::kFollow) != nullptr);
  CHECK(asks.record().state == State::kStarting);

  Story sees(Daemonising(Follow::kPidFile));
  sees.Spawned(10);
  sees.Exited({}, true);
  sees.ComeBack(Millis{100}, {{.incarnation = 1, .pid = 88}});
  CHECK(sees.record().state == State::kRunning);
  CHECK(sees.record().pid == 88);

  Story stays(Daemonising(Follow::kLast));
  stays.Spawned(10);
  stays.Exited({}, true);
  Followed(stays, 0);
  stays.ComeBack(Millis{100}, {{.incarnation = 1, .pid = 10, .lingering = true}});
  CHECK(stays.record().state == State::kRunning);
  CHECK(stays.record().following);
}

}  // namespace foster
