// SPDX-License-Identifier: MIT
// Stories: an engine with several services and its own clock, for tests that tell what one does to another.
// Not: part of any program (story.h has one service). Called by: src/core/*_test.cc. Invariant: effects are
// those of the last step only.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/story.h"

namespace foster::story {

inline ServiceSpec Needing(const std::string& name, std::vector<Gate> gates) {
  ServiceSpec spec = Longrun(name);
  spec.gates = std::move(gates);
  return spec;
}

inline ServiceSpec Oneshot(const std::string& name) {
  ServiceSpec spec = Longrun(name);
  spec.type = ServiceType::kOneshot;
  return spec;
}

inline Gate On(const char* name, GateKind kind = GateKind::kReady,
               GateStrength strength = GateStrength::kHard) {
  Gate gate;
  gate.service = name;
  gate.kind = kind;
  gate.strength = strength;
  return gate;
}

struct Stories {
  std::unique_ptr<Engine> engine = std::make_unique<Engine>();
  MonoTime now = kT0;

  explicit Stories(std::vector<ServiceSpec> services) { Apply(std::move(services)); }

  void Apply(std::vector<ServiceSpec> services) {
    engine->ClearEffects();
    engine->Apply(PlanOf(std::move(services)), now);
  }
  const ServiceRecord& Of(const char* name) const { return engine->record(engine->Find(name)); }
  State StateOf(const char* name) const { return Of(name).state; }
  void Step(const char* name, Event event) {
    event.service = engine->Find(name);
    if (event.incarnation == 0) event.incarnation = Of(name).incarnation;
    engine->ClearEffects();
    engine->Step(event, now);
  }
  void Up(const char* name) { Step(name, {.kind = EventKind::kUp}); }
  void Down(const char* name, bool alone = false) { Step(name, {.kind = EventKind::kDown, .alone = alone}); }
  void SetPin(const char* name, Pin pin) { Step(name, {.kind = EventKind::kPin, .pin = pin}); }
  void Spawned(const char* name, std::int32_t pid = 10) {
    Step(name, {.kind = EventKind::kSpawned, .pid = pid});
  }
  void Exited(const char* name, ExitStatus status = {}) {
    Step(name, {.kind = EventKind::kExited, .status = status});
  }
  void Fire(const char* name, TimerKind kind = TimerKind::kState) {
    const ServiceRecord& record = Of(name);
    const bool is_of_state = kind == TimerKind::kState;
    const TimerRecord timer =
        is_of_state ? TimerRecord{record.deadline, record.epoch} : TimerOf(record, kind);
    if (timer.deadline != kNoDeadline && timer.deadline > now) now = timer.deadline;
    Step(name, {.kind = EventKind::kTimer, .epoch = timer.epoch, .timer = kind});
  }
  int Count(EffectKind kind, const char* name) const {
    int count = 0;
    for (const Effect& effect : engine->effects())
      count += effect.kind == kind && effect.service == engine->Find(name);
    return count;
  }
  // The same plan with a new engine, as after the end of supervise; `children` are its live main processes.
  void Restore(std::vector<ServiceSpec> services, const std::vector<const char*>& children = {}) {
    std::vector<Engine::Saved> saved;
    std::vector<LiveChild> live;
    for (const ServiceSpec& spec : services) saved.push_back({spec.name, Of(spec.name.c_str())});
    for (const char* child : children) {
      ServiceId at = 0;
      while (services[at].name != child) ++at;
      live.push_back({.service = at, .incarnation = Of(child).incarnation, .pid = Of(child).pid});
    }
    auto next = std::make_unique<Engine>();
    next->Restore(PlanOf(services), saved, live, now);
    engine = std::move(next);
  }
};

}  // namespace foster::story
