// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/stories.h"
#include "foster/init_protocol.h"

namespace foster {
using namespace story;

namespace {

ServiceSpec Lazy(Millis idle_stop = Millis{0}) {
  ServiceSpec spec = Longrun("lazy");
  spec.sockets.emplace_back();
  spec.activation = Activation::kOnDemand;
  spec.idle_stop = idle_stop;
  return spec;
}

void Connect(Stories& story) { story.Step("lazy", {.kind = EventKind::kDemand}); }

void Quiet(Stories& story, bool is_quiet) {
  story.Fire("lazy", TimerKind::kIdle);
  REQUIRE(story.Count(EffectKind::kProbe, "lazy") == 1);
  story.Step("lazy", {.kind = EventKind::kProbeDone,
                      .probe = ProbeUse::kIdle,
                      .number = ProbeOf(story.Of("lazy"), ProbeUse::kIdle).number,
                      .success = is_quiet});
}

}  // namespace

TEST_CASE("it waits for a connection with its gate open, and starts with one") {
  Stories story({Lazy(), Needing("web", {On("lazy"), On("lazy", GateKind::kStarted)})});
  CHECK(story.StateOf("lazy") == State::kWaiting);
  CHECK(story.Of("lazy").cause.kind == CauseKind::kDemand);
  CHECK(story.Count(EffectKind::kAwaitDemand, "lazy") == 1);
  CHECK(story.StateOf("web") == State::kStarting);
  story.Spawned("web");
  CHECK(story.engine->Settled());
  Connect(story);
  CHECK(story.StateOf("lazy") == State::kStarting);
  CHECK(story.Of("lazy").cause.kind == CauseKind::kDemand);
  story.Spawned("lazy");
  Connect(story);
  CHECK(story.StateOf("lazy") == State::kRunning);
}

TEST_CASE("an up while it waits starts it now, and its gates are looked at again at a connection") {
  ServiceSpec lazy = Lazy();
  lazy.gates = {On("db")};
  Stories story({lazy, Longrun("db")});
  CHECK(story.Of("lazy").cause.kind == CauseKind::kGate);
  story.Spawned("db");
  CHECK(story.Of("lazy").cause.kind == CauseKind::kDemand);
  story.Down("db", true);
  Connect(story);
  CHECK(story.Of("lazy").cause.kind == CauseKind::kGate);
  story.Exited("db", {0, 15});
  story.Up("db");
  story.Spawned("db");
  CHECK(story.StateOf("lazy") == State::kStarting);

  Stories now({Lazy()});
  now.Up("lazy");
  CHECK(now.StateOf("lazy") == State::kStarting);
}

TEST_CASE("a crash follows the policy; an end waits for the next connection, not faster than others") {
  ServiceSpec lazy = Lazy();
  lazy.restart.when = RestartWhen::kOnFailure;
  Stories story({lazy});
  Connect(story);
  story.Spawned("lazy");
  story.Exited("lazy", {1, 0});
  CHECK(story.StateOf("lazy") == State::kBackoff);
  story.Fire("lazy");
  CHECK(story.StateOf("lazy") == State::kStarting);
  story.Spawned("lazy");
  story.Exited("lazy", {0, 0});
  CHECK(story.StateOf("lazy") == State::kBackoff);
  story.Fire("lazy");
  CHECK(story.Of("lazy").cause.kind == CauseKind::kDemand);
  CHECK(story.Count(EffectKind::kAwaitDemand, "lazy") == 1);
  CHECK(story.Of("lazy").restarts == 1);
  Connect(story);
  story.Spawned("lazy");
  story.now += Millis{5000};
  story.Exited("lazy", {0, 0});
  CHECK(story.StateOf("lazy") == State::kWaiting);
}

TEST_CASE("a socket that cannot be opened is tried again, and given up by the policy") {
  ServiceSpec lazy = Lazy();
  lazy.restart.start_retries = 1;
  Stories story({lazy});
  const Event failed{.kind = EventKind::kSpawnFailed, .stage = kStageSocket, .error = 98};
  story.Step("lazy", failed);
  CHECK(story.StateOf("lazy") == State::kBackoff);
  CHECK(story.Of("lazy").cause.stage == kStageSocket);
  story.Fire("lazy");
  CHECK(story.StateOf("lazy") == State::kWaiting);
  CHECK(story.Count(EffectKind::kAwaitDemand, "lazy") == 1);
  story.Step("lazy", failed);
  CHECK(story.StateOf("lazy") == State::kFailed);
  CHECK(story.Of("lazy").cause.kind == CauseKind::kGaveUp);
}

TEST_CASE("four quiet checks in a row stop it, a connection between them does not") {
  Stories story({Lazy(Millis{8000})});
  Connect(story);
  story.Spawned("lazy");
  const MonoTime begin = story.now;
  for (const bool is_quiet : {true, true, true, false, true, true, true}) Quiet(story, is_quiet);
  CHECK(story.StateOf("lazy") == State::kRunning);
  Quiet(story, true);
  CHECK(story.StateOf("lazy") == State::kStopping);
  CHECK(story.Of("lazy").cause.kind == CauseKind::kIdle);
  CHECK(story.now - begin == Millis{16000});
  story.Exited("lazy", {0, 15});
  CHECK(story.Of("lazy").cause.kind == CauseKind::kDemand);
  CHECK(story.Of("lazy").goal == Goal::kUp);
  CHECK(story.Of("lazy").restarts == 0);
  CHECK(TimerOf(story.Of("lazy"), TimerKind::kIdle).deadline == kNoDeadline);
  Connect(story);
  CHECK(story.Of("lazy").incarnation == 2);
}

TEST_CASE("a new supervise watches the socket and asks about quiet again") {
  Stories story({Lazy(Millis{8000})});
  story.Restore({Lazy(Millis{8000})});
  CHECK(story.Count(EffectKind::kAwaitDemand, "lazy") == 1);
  Connect(story);
  story.Spawned("lazy");
  story.Fire("lazy", TimerKind::kIdle);
  const std::uint64_t asked = ProbeOf(story.Of("lazy"), ProbeUse::kIdle).number;
  story.Restore({Lazy(Millis{8000})}, {"lazy"});
  CHECK(story.Count(EffectKind::kProbe, "lazy") == 1);
  CHECK(ProbeOf(story.Of("lazy"), ProbeUse::kIdle).number > asked);
}

TEST_CASE("a restart by request starts it at once; a plan that wants it at boot does, too") {
  Stories story({Lazy()});
  Connect(story);
  story.Spawned("lazy");
  story.Step("lazy", {.kind = EventKind::kRestart});
  story.Exited("lazy", {0, 15});
  CHECK(story.StateOf("lazy") == State::kStarting);

  Stories other({Lazy()});
  ServiceSpec eager = Lazy();
  eager.activation = Activation::kBoot;
  other.Apply({eager});
  CHECK(other.StateOf("lazy") == State::kStarting);
}

}  // namespace foster
