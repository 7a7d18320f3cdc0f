// SPDX-License-Identifier: MIT
// Whole stories with the engine; the invariants over all stories are searched by tests/sim.
#include "core/engine.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <new>

namespace {
std::size_t allocations = 0;
}

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
// Catch allocates with this one and frees with the one below.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace foster {
namespace {

constexpr MonoTime kT0{Millis{1'000'000}};

ServiceSpec Longrun(const std::string& name, std::vector<Gate> gates = {}) {
  ServiceSpec spec;
  spec.name = name;
  spec.run.argv = {"run"};
  spec.gates = std::move(gates);
  return spec;
}

Plan PlanOf(std::vector<ServiceSpec> services) {
  Plan plan;
  plan.services = std::move(services);
  return plan;
}

struct Story {
  Engine engine;
  MonoTime now = kT0;

  explicit Story(const Plan& plan) { Apply(plan); }
  void Apply(const Plan& plan) {
    engine.ClearEffects();
    engine.Apply(plan, now);
  }
  void Step(Event event, const char* name) {
    event.service = engine.Find(name);
    if (event.incarnation == 0) event.incarnation = Of(name).incarnation;
    if (event.kind == EventKind::kTimer) event.epoch = Of(name).epoch;
    engine.ClearEffects();
    engine.Step(event, now);
  }
  void Spawned(const char* name, std::int32_t pid = 10) {
    Step({.kind = EventKind::kSpawned, .pid = pid}, name);
  }
  void Exited(const char* name, ExitStatus status = {}) {
    Step({.kind = EventKind::kExited, .status = status}, name);
  }
  const ServiceRecord& Of(const char* name) { return engine.record(engine.Find(name)); }
  const Effect* Find(EffectKind kind) {
    for (const Effect& effect : engine.effects())
      if (effect.kind == kind) return &effect;
    return nullptr;
  }
};

}  // namespace

TEST_CASE("a gate holds a service back and lets it go") {
  Story story(PlanOf({Longrun("a"), Longrun("b", {{"a", GateKind::kReady, {}}})}));
  CHECK(story.Of("a").state == State::kStarting);
  CHECK(story.Of("b").state == State::kWaiting);
  CHECK(story.engine.ClosedGate(story.engine.Find("b"))->service == "a");
  CHECK_FALSE(story.engine.Settled());
  story.Spawned("a");
  CHECK(story.Of("b").state == State::kStarting);
  story.Spawned("b");
  CHECK(story.engine.Settled());
}

TEST_CASE("a failed spawn is tried again after a delay") {
  Story story(PlanOf({Longrun("a")}));
  story.Step({.kind = EventKind::kSpawnFailed, .stage = 4, .error = 11}, "a");
  CHECK(story.Of("a").state == State::kBackoff);
  REQUIRE(story.Find(EffectKind::kArmTimer) != nullptr);
  story.now = story.Of("a").deadline;
  story.Step({.kind = EventKind::kTimer}, "a");
  CHECK(story.Of("a").incarnation == 2);
  CHECK(story.Of("a").restarts == 1);
}

TEST_CASE("a stop that overtakes the spawn signals the process when it is there") {
  Story story(PlanOf({Longrun("a")}));
  story.Step({.kind = EventKind::kDown}, "a");
  CHECK(story.Find(EffectKind::kSignal) == nullptr);
  story.Spawned("a");
  REQUIRE(story.Find(EffectKind::kSignal) != nullptr);
  CHECK(story.Find(EffectKind::kSignal)->signal == SIGTERM);
  story.now += Millis{10'000};
  story.Step({.kind = EventKind::kTimer}, "a");
  CHECK(story.Find(EffectKind::kSignal)->signal == SIGKILL);
  story.Exited("a", {0, SIGKILL});
  CHECK(story.Of("a").state == State::kStopped);
}

TEST_CASE("finish gets the status and the pid of the dead, and 125 ends it") {
  ServiceSpec spec = Longrun("a");
  spec.finish.argv = {"finish"};
  Story story(PlanOf({spec}));
  story.Spawned("a", 77);
  story.Exited("a", {3, 0});
  const Effect* spawn = story.Find(EffectKind::kSpawn);
  REQUIRE(spawn != nullptr);
  CHECK(spawn->role == Role::kFinish);
  CHECK(spawn->status.code == 3);
  CHECK(spawn->pid == 77);
  story.Step({.kind = EventKind::kSpawned, .role = Role::kFinish, .pid = 78}, "a");
  story.Step({.kind = EventKind::kExited, .role = Role::kFinish, .status = {125, 0}}, "a");
  CHECK(story.Of("a").state == State::kFailed);
  CHECK(story.Of("a").cause.kind == CauseKind::kPermanent);
}

TEST_CASE("retries run out after start_retries + 1 tries") {
  ServiceSpec spec = Longrun("a");
  spec.readiness.start_time = Millis{1000};
  spec.restart.start_retries = 3;
  Story story(PlanOf({spec}));
  int tries = 0;
  while (story.Of("a").state != State::kFailed && ++tries < 10) {
    story.Spawned("a");
    story.Exited("a", {1, 0});
    if (story.Of("a").state != State::kBackoff) continue;
    story.now = story.Of("a").deadline;
    story.Step({.kind = EventKind::kTimer}, "a");
  }
  CHECK(tries == 4);
  CHECK(story.Of("a").cause.kind == CauseKind::kGaveUp);
}

TEST_CASE("up brings what is needed, and waits for it") {
  ServiceSpec db = Longrun("db");
  ServiceSpec web = Longrun("web", {{"db", GateKind::kReady, {}}});
  db.autostart = web.autostart = false;
  Story story(PlanOf({db, web}));
  story.Step({.kind = EventKind::kUp}, "web");
  CHECK(story.Of("db").state == State::kStarting);
  CHECK(story.Of("db").cause.kind == CauseKind::kNeeded);
  CHECK(story.Of("web").state == State::kWaiting);
}

TEST_CASE("a reload restarts only what a process runs by") {
  ServiceSpec a = Longrun("a");
  ServiceSpec b = Longrun("b");
  Story story(PlanOf({a, b}));
  story.Spawned("a");
  story.Spawned("b");
  a.description = "new words";
  b.environment = {"X=1"};
  story.Apply(PlanOf({a, b, Longrun("c")}));
  CHECK(story.Of("a").state == State::kRunning);
  CHECK(story.Of("b").state == State::kStopping);
  CHECK(story.Of("c").cause.kind == CauseKind::kReload);
  story.Exited("b", {0, SIGTERM});
  CHECK(story.Of("b").state == State::kStarting);
  CHECK(story.engine.spec(story.engine.Find("b")).environment.size() == 1);
  story.Apply(PlanOf({b}));
  story.Exited("a", {0, SIGTERM});
  CHECK(story.Find(EffectKind::kRemoved) != nullptr);
  CHECK(story.engine.Find("a") == kNoService);
}

TEST_CASE("another log restarts nothing, other secrets do") {
  ServiceSpec a = Longrun("a");
  ServiceSpec b = Longrun("b");
  Story story(PlanOf({a, b}));
  story.Spawned("a");
  story.Spawned("b");
  a.log.sinks.emplace_back().target = "/var/log/a";
  b.secrets = {{"TOKEN", "/run/secrets/token"}};
  story.Apply(PlanOf({a, b}));
  CHECK(story.Of("a").state == State::kRunning);
  CHECK(story.engine.spec(story.engine.Find("a")).log == a.log);
  CHECK(story.Of("b").state == State::kStopping);
}

TEST_CASE("a new supervise goes on where the old one was") {
  const Plan plan = PlanOf({Longrun("a"), Longrun("b")});
  Story story(plan);
  story.Spawned("a", 50);
  const std::vector<Engine::Saved> saved = {{"a", story.Of("a")}, {"b", story.Of("b")}};
  Engine next;
  const LiveChild child{.service = 0, .incarnation = 1, .pid = 50};
  next.Restore(plan, saved, std::span(&child, 1), kT0 + Millis{500});
  CHECK(next.record(0).state == State::kRunning);
  CHECK(next.record(0).pid == 50);
  CHECK(next.record(1).spawn_pending);
  int spawns = 0;
  for (const Effect& effect : next.effects()) spawns += effect.kind == EffectKind::kSpawn;
  CHECK(spawns == 1);
}

TEST_CASE("a thousand services start, and stop in reverse, fast and without allocating") {
  Plan plan;
  for (int i = 0; i < 1000; ++i) {
    std::string name = "s" + std::to_string(1000 + i);
    std::vector<Gate> gates;
    if (i > 0) gates.push_back({"s" + std::to_string(1000 + i - 1), GateKind::kReady, {}});
    if (i > 10) gates.push_back({"s1000", GateKind::kStarted, {}});
    plan.services.push_back(Longrun(name, gates));
  }
  const auto begin = std::chrono::steady_clock::now();
  Story story(plan);
  story.engine.ClearEffects();
  const std::size_t before = allocations;
  for (ServiceId id = 0; id < 1000; ++id) {
    story.engine.Step({.kind = EventKind::kSpawned, .service = id, .incarnation = 1, .pid = 5}, kT0);
    story.engine.ClearEffects();
  }
  story.engine.Shutdown(kT0, kT0 + Millis{8000});
  story.engine.ClearEffects();
  bool all_stopped = false;
  for (ServiceId id = 1000; id-- > 0;) {
    const bool told = story.engine.record(id).state == State::kStopping;
    if (!told) FAIL("not told to stop: " << id);
    story.engine.Step({.kind = EventKind::kExited, .service = id, .incarnation = 1, .status = {0, SIGTERM}},
                      kT0);
    for (const Effect& effect : story.engine.effects()) all_stopped |= effect.kind == EffectKind::kAllStopped;
    story.engine.ClearEffects();
  }
  CHECK(allocations == before);
  CHECK(all_stopped);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

}  // namespace foster
