// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/stories.h"

namespace foster {
using namespace story;

namespace {

ServiceSpec Of(const std::string& workload, ServiceSpec spec) {
  spec.workload = workload;
  return spec;
}

ServiceSpec OneLife(const std::string& name) {
  ServiceSpec spec = Longrun(name);
  spec.restart.when = RestartWhen::kNever;
  return spec;
}

}  // namespace

TEST_CASE("an end takes its workload down, in order, and nobody else") {
  ServiceSpec main = Of("w", OneLife("main"));
  main.when_ended = Consequence::kEndWorkload;
  ServiceSpec logger = Of("w", Longrun("logger"));
  logger.internal = true;
  Stories story({main, Of("w", Longrun("db")), Of("w", Needing("web", {On("db")})), Of("v", Longrun("other")),
                 logger, Of("w", Longrun("pinned"))});
  for (const char* name : {"main", "db", "web", "other", "logger", "pinned"}) story.Spawned(name);
  story.SetPin("pinned", Pin::kUp);
  story.Exited("main", {0, 0});
  CHECK(story.StateOf("main") == State::kExited);
  CHECK(story.StateOf("web") == State::kStopping);
  CHECK(story.Of("web").cause.kind == CauseKind::kWorkloadEnded);
  CHECK(story.Of("web").cause.other == story.engine->Find("main"));
  CHECK(story.StateOf("db") == State::kRunning);
  story.Exited("web", {0, 15});
  CHECK(story.StateOf("db") == State::kStopping);
  for (const char* name : {"other", "logger", "pinned"}) CHECK(story.StateOf(name) == State::kRunning);
}

TEST_CASE("only a failure that is final ends the container, with its status") {
  ServiceSpec main = Longrun("main");
  main.restart.when = RestartWhen::kOnFailure;
  main.restart.max_restarts = 1;
  main.when_failed = Consequence::kEndContainer;
  Stories story({main});
  story.Spawned("main");
  story.Exited("main", {7, 0});
  CHECK(story.Count(EffectKind::kEndContainer, "main") == 0);
  story.Fire("main");
  story.Spawned("main");
  story.Exited("main", {7, 0});
  REQUIRE(story.Count(EffectKind::kEndContainer, "main") == 1);
  for (const Effect& effect : story.engine->effects()) {
    if (effect.kind == EffectKind::kEndContainer) CHECK(effect.status.code == 7);
  }
  story.Restore({main});
  CHECK(story.Count(EffectKind::kEndContainer, "main") == 1);
}

TEST_CASE("a good end, a stop by request and a broken service have no consequence") {
  ServiceSpec good = OneLife("good");
  ServiceSpec stopped = Longrun("stopped");
  ServiceSpec broken = Longrun("broken");
  good.when_failed = stopped.when_ended = broken.when_ended = Consequence::kEndContainer;
  broken.broken = "no run";
  Stories story({good, stopped, broken});
  CHECK(story.Count(EffectKind::kEndContainer, "broken") == 0);
  story.Spawned("good");
  story.Exited("good");
  CHECK(story.Count(EffectKind::kEndContainer, "good") == 0);
  story.Spawned("stopped");
  story.Down("stopped");
  story.Exited("stopped", {1, 0});
  CHECK(story.Count(EffectKind::kEndContainer, "stopped") == 0);
}

TEST_CASE("what is taken down in the step that starts it is never spawned") {
  ServiceSpec done = Of("w", Oneshot("done"));
  done.run.argv.clear();
  done.autostart = false;
  done.when_ended = Consequence::kEndWorkload;
  ServiceSpec db = Of("w", Longrun("db"));
  db.autostart = false;
  ServiceSpec web = Of("w", Needing("web", {On("done"), On("db")}));
  web.autostart = false;
  Stories story({db, done, web});
  story.Up("web");
  CHECK(story.Of("db").incarnation == 1);
  CHECK(story.StateOf("db") == State::kStopped);
  CHECK(story.Count(EffectKind::kSpawn, "db") == 0);
}

TEST_CASE("a need that ends the workload leaves the needs after it down") {
  ServiceSpec done = Of("w", Oneshot("done"));
  done.run.argv.clear();
  done.autostart = false;
  done.when_ended = Consequence::kEndWorkload;
  ServiceSpec db = Of("w", Longrun("db"));
  db.autostart = false;
  ServiceSpec web = Of("w", Needing("web", {On("db"), On("done")}));
  web.autostart = false;
  Stories story({db, done, web});
  story.Up("web");
  CHECK(story.Of("db").goal == Goal::kDown);
  CHECK(story.Count(EffectKind::kSpawn, "db") == 0);
}

}  // namespace foster
