// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/stories.h"

namespace foster {
using namespace story;

namespace {

ServiceSpec RestartingAt(const std::string& name, Millis delay) {
  ServiceSpec spec = Longrun(name);
  spec.restart.ending_delay = delay;
  return spec;
}

}  // namespace

TEST_CASE("a crash leaves dependents alone; their own restart looks at the gate again") {
  ServiceSpec web = Needing("web", {On("db")});
  web.restart.ending_delay = Millis{100};
  Stories story({RestartingAt("db", Millis{5000}), web});
  story.Spawned("db");
  story.Spawned("web");
  story.Exited("db", {1, 0});
  CHECK(story.StateOf("web") == State::kRunning);
  story.Exited("web", {1, 0});
  story.Fire("web");
  CHECK(story.StateOf("web") == State::kWaiting);
  CHECK(story.Count(EffectKind::kSpawn, "web") == 0);
  CHECK(story.Of("web").restarts == 1);
  story.Fire("db");
  story.Spawned("db");
  CHECK(story.StateOf("web") == State::kStarting);
  CHECK(story.Of("web").restarts == 1);
}

TEST_CASE("a restart whose gate can never open any more is a failed dependency") {
  ServiceSpec db = Longrun("db");
  db.restart.when = RestartWhen::kNever;
  Stories story({db, Needing("web", {On("db")})});
  story.Spawned("db");
  story.Spawned("web");
  story.Exited("db", {1, 0});
  story.Exited("web", {1, 0});
  story.Fire("web");
  CHECK(story.StateOf("web") == State::kFailed);
  CHECK(story.Of("web").cause.kind == CauseKind::kDependency);
}

TEST_CASE("what runs without being ready closes the gate and fails nobody") {
  ServiceSpec db = Longrun("db");
  db.readiness.probe.kind = ProbeKind::kTcp;
  db.readiness.probe.failure_threshold = 1;
  Stories story({db, Needing("late", {On("db")})});
  const auto answer = [&](bool success) {
    story.Step("db", {.kind = EventKind::kProbeDone,
                      .number = ProbeOf(story.Of("db"), ProbeUse::kReadiness).number,
                      .success = success});
  };
  story.Down("late");
  story.Spawned("db");
  answer(true);
  CHECK(story.StateOf("db") == State::kRunning);
  story.Fire("db", TimerKind::kReadiness);
  answer(false);
  REQUIRE_FALSE(story.Of("db").ready);
  story.Up("late");
  CHECK(story.StateOf("late") == State::kWaiting);
  story.Fire("db", TimerKind::kReadiness);
  answer(true);
  CHECK(story.StateOf("late") == State::kStarting);
}

TEST_CASE("stop_along stops with the dependency, and comes back with it") {
  Gate gate = On("db");
  gate.stop_along = true;
  Stories story({Longrun("db"), Needing("web", {gate}), Needing("other", {On("db")})});
  story.Spawned("db");
  story.Spawned("web");
  story.Spawned("other");
  story.Down("db", true);
  CHECK(story.StateOf("web") == State::kRunning);
  story.Exited("db", {0, 15});
  CHECK(story.StateOf("web") == State::kStopping);
  CHECK(story.Of("web").cause.kind == CauseKind::kAlong);
  CHECK(story.StateOf("other") == State::kRunning);
  story.Exited("web", {0, 15});
  CHECK(story.StateOf("web") == State::kWaiting);
  CHECK(story.Of("web").goal == Goal::kUp);
  story.Up("db");
  story.Spawned("db");
  CHECK(story.StateOf("web") == State::kStarting);
}

TEST_CASE("a completed dependency is no reason to stop along") {
  Gate gate = On("setup", GateKind::kCompletedSuccessfully);
  gate.stop_along = true;
  Stories story({Oneshot("setup"), Needing("web", {gate})});
  story.Spawned("setup");
  story.Exited("setup");
  story.Spawned("web");
  CHECK(story.StateOf("web") == State::kRunning);
}

TEST_CASE("restart_along starts anew with every new life of the dependency, also after a crash") {
  Gate gate = On("db");
  gate.restart_along = true;
  Stories story({RestartingAt("db", Millis{1000}), Needing("web", {gate})});
  story.Spawned("db");
  story.Spawned("web");
  story.Exited("db", {1, 0});
  CHECK(story.StateOf("web") == State::kRunning);
  story.Fire("db");
  CHECK(story.StateOf("web") == State::kStopping);
  story.Exited("web", {0, 15});
  CHECK(story.StateOf("web") == State::kWaiting);
  story.Spawned("db");
  CHECK(story.StateOf("web") == State::kStarting);
  CHECK(story.Of("web").launch > story.Of("db").launch);
}

TEST_CASE("the order of starts goes on after a restore") {
  Gate gate = On("db");
  gate.restart_along = true;
  const std::vector<ServiceSpec> services{RestartingAt("db", Millis{0}), Needing("web", {gate})};
  Stories story(services);
  story.Spawned("db");
  story.Spawned("web");
  story.Restore(services, {"db", "web"});
  CHECK(story.StateOf("web") == State::kRunning);
  story.Exited("db", {1, 0});
  CHECK(story.Of("db").launch > story.Of("web").launch);
  CHECK(story.StateOf("web") == State::kStopping);
}

// process-compose leaves such a dependent pending for ever (#280, #400).
TEST_CASE("a dependency that can never start fails those that wait for it to start") {
  ServiceSpec bad = Longrun("bad");
  bad.restart.start_retries = 0;
  Stories story({bad, Needing("late", {On("bad", GateKind::kStarted)}),
                 Needing("soft", {On("bad", GateKind::kStarted, GateStrength::kSoft)})});
  story.Step("bad", {.kind = EventKind::kSpawnFailed, .stage = 23, .error = 2});
  CHECK(story.StateOf("bad") == State::kFailed);
  CHECK(story.StateOf("late") == State::kFailed);
  CHECK(story.Of("late").cause.kind == CauseKind::kDependency);
  CHECK(story.StateOf("soft") == State::kStarting);
}

TEST_CASE("a started gate on what was stopped by request is closed and says for whom it waits") {
  Stories story({Longrun("db"), Needing("web", {On("db", GateKind::kStarted)})});
  story.Spawned("db");
  story.Down("db");
  story.Exited("db", {0, 15});
  story.Exited("web", {0, 15});
  story.Apply({Longrun("db"), Needing("web", {On("db", GateKind::kStarted)}),
               Needing("new", {On("db", GateKind::kStarted)})});
  CHECK(story.StateOf("new") == State::kWaiting);
  CHECK(story.engine->ClosedGate(story.engine->Find("new"))->service == "db");
}

TEST_CASE("an ordering gate waits for what is wanted at the same time, and brings nothing up") {
  ServiceSpec idle = Longrun("idle");
  idle.autostart = false;
  Stories story({Needing("a", {On("z", GateKind::kReady, GateStrength::kOrder),
                               On("idle", GateKind::kReady, GateStrength::kOrder)}),
                 idle, Longrun("z")});
  CHECK(story.StateOf("a") == State::kWaiting);
  story.Spawned("z");
  CHECK(story.StateOf("a") == State::kStarting);
  story.Up("a");
  CHECK(story.StateOf("idle") == State::kStopped);
}

TEST_CASE("nobody is brought up or down for a stopped gate") {
  ServiceSpec backup = Needing("backup", {On("db", GateKind::kStopped)});
  Stories story({Longrun("db"), backup});
  CHECK(story.StateOf("backup") == State::kWaiting);
  story.Spawned("db");
  story.Up("backup");
  CHECK(story.StateOf("db") == State::kRunning);
  story.Down("db");
  CHECK(story.StateOf("backup") == State::kWaiting);
  story.Exited("db", {0, 15});
  CHECK(story.StateOf("backup") == State::kStarting);
}

}  // namespace foster
