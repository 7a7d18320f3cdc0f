// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/cause.h"
#include "core/stories.h"

namespace foster {
using namespace story;

namespace {

// db <- api <- web, db <- web, and a soft one beside.
std::vector<ServiceSpec> Chain() {
  return {Longrun("db"), Needing("api", {On("db")}), Needing("web", {On("db"), On("api")}),
          Needing("soft", {On("db", GateKind::kReady, GateStrength::kSoft)})};
}

Stories Running() {
  Stories story(Chain());
  for (const char* name : {"db", "api", "web", "soft"}) story.Spawned(name);
  return story;
}

}  // namespace

TEST_CASE("down says who goes along, in the order in which they stop") {
  Stories story = Running();
  const Engine& engine = *story.engine;
  CHECK(engine.DownWith(engine.Find("db")) == std::vector{engine.Find("web"), engine.Find("api")});
  CHECK(engine.DownWith(engine.Find("web")).empty());
}

TEST_CASE("what needs a service stops before it does") {
  Stories story = Running();
  story.Down("db");
  CHECK(story.StateOf("web") == State::kStopping);
  CHECK(story.StateOf("api") == State::kRunning);
  CHECK(story.Of("api").waits_for_dependents);
  CHECK(story.Of("api").goal == Goal::kDown);
  CHECK(story.StateOf("db") == State::kRunning);
  const auto names = [&](ServiceId id) -> std::string_view { return story.engine->spec(id).name; };
  CHECK(CauseText(story.Of("web"), names) == "stopped: it needs db");
  CHECK(CauseText(story.Of("db"), names) == "to be stopped: waits for those that need it");
  story.Exited("web", {0, 15});
  CHECK(story.StateOf("api") == State::kStopping);
  CHECK(story.StateOf("db") == State::kRunning);
  story.Exited("api", {0, 15});
  CHECK(story.StateOf("db") == State::kStopping);
  CHECK(story.Of("db").cause.kind == CauseKind::kRequest);
  CHECK(story.StateOf("soft") == State::kRunning);
}

TEST_CASE("alone, it goes down at once") {
  Stories story = Running();
  story.Down("db", true);
  CHECK(story.StateOf("db") == State::kStopping);
  CHECK(story.StateOf("web") == State::kRunning);
}

TEST_CASE("an up in between cancels, of the service or of one that needs it") {
  Stories story = Running();
  story.Down("db");
  story.Up("web");
  CHECK(story.Of("db").goal == Goal::kUp);
  CHECK_FALSE(story.Of("db").waits_for_dependents);
  story.Exited("web", {0, 15});
  CHECK(story.StateOf("web") == State::kStarting);
  CHECK(story.StateOf("db") == State::kRunning);
}

TEST_CASE("who waits for its turn and ends by itself is stopped; so is one after a restore") {
  Stories story = Running();
  story.Down("db");
  story.Exited("api", {1, 0});
  CHECK(story.StateOf("api") == State::kStopped);
  story.Restore(Chain(), {"db", "web", "soft"});
  CHECK(story.StateOf("db") == State::kRunning);
  story.Exited("web", {0, 15});
  CHECK(story.StateOf("db") == State::kStopping);
}

TEST_CASE("a oneshot's down script waits for those that need it") {
  ServiceSpec net = Oneshot("net");
  net.down.argv = {"down"};
  Stories story({net, Needing("web", {On("net")})});
  story.Spawned("net");
  story.Exited("net");
  story.Spawned("web");
  story.Down("net");
  CHECK(story.StateOf("net") == State::kExited);
  story.Exited("web", {0, 15});
  CHECK(story.StateOf("net") == State::kStopping);
}

TEST_CASE("pinned down, it stays down whatever asks, and who needs it waits") {
  Stories story = Running();
  story.SetPin("db", Pin::kDown);
  for (const char* name : {"web", "api", "db"}) story.Exited(name, {0, 15});
  CHECK(story.StateOf("db") == State::kStopped);
  CHECK(story.Of("db").cause.kind == CauseKind::kPinned);
  story.Up("db");
  story.Step("db", {.kind = EventKind::kRestart});
  story.Up("api");
  CHECK(story.Of("db").goal == Goal::kDown);
  CHECK(story.StateOf("api") == State::kWaiting);
  story.Restore(Chain(), {"soft"});
  std::vector<ServiceSpec> changed = Chain();
  changed[0].environment = {"X=1"};
  story.Apply(changed);
  CHECK(story.StateOf("db") == State::kStopped);
  story.SetPin("db", Pin::kNone);
  CHECK(story.StateOf("db") == State::kStopped);
  story.Up("db");
  CHECK(story.StateOf("db") == State::kStarting);
}

TEST_CASE("pinned up, it neither goes down along nor is it waited for, until the shutdown") {
  Stories story = Running();
  story.SetPin("api", Pin::kUp);
  story.Down("api");
  CHECK(story.StateOf("api") == State::kRunning);
  story.Down("db");
  CHECK(story.StateOf("api") == State::kRunning);
  story.Exited("web", {0, 15});
  CHECK(story.StateOf("db") == State::kStopping);
  story.engine->Shutdown(story.now, story.now + Millis{8000});
  CHECK(story.Of("api").goal == Goal::kDown);
}

TEST_CASE("a pin leaves with the service") {
  Stories story = Running();
  story.SetPin("web", Pin::kUp);
  story.Apply({Longrun("db")});
  CHECK(story.StateOf("web") == State::kStopping);
}

}  // namespace foster
