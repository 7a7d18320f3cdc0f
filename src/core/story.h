// SPDX-License-Identifier: MIT
// Story: an engine with its own clock, for tests that tell what happens to one service step by step. Not:
// part of any program. Called by: src/core/*_test.cc. Invariant: effects are those of the last step only.
#pragma once

#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/engine.h"

namespace foster::story {

inline constexpr MonoTime kT0{Millis{1'000'000}};

inline ServiceSpec Longrun(const std::string& name) {
  ServiceSpec spec;
  spec.name = name;
  spec.run.argv = {"run"};
  return spec;
}

inline Plan PlanOf(std::vector<ServiceSpec> services) {
  Plan plan;
  plan.services = std::move(services);
  return plan;
}

// Everything is about the one service of the plan, unless its name says otherwise.
struct Story {
  std::unique_ptr<Engine> engine = std::make_unique<Engine>();
  Plan plan;
  MonoTime now = kT0;

  explicit Story(ServiceSpec spec) : plan(PlanOf({std::move(spec)})) { engine->Apply(plan, now); }

  const ServiceRecord& record() const { return engine->record(0); }
  void Step(Event event) {
    event.service = 0;
    if (event.incarnation == 0) event.incarnation = record().incarnation;
    engine->ClearEffects();
    engine->Step(event, now);
  }
  void Spawned(std::int32_t pid = 10, Role role = Role::kMain) {
    Step({.kind = EventKind::kSpawned, .role = role, .pid = pid});
  }
  void Exited(ExitStatus status = {}, bool lingering = false, Role role = Role::kMain) {
    Step({.kind = EventKind::kExited, .role = role, .status = status, .lingering = lingering});
  }
  MonoTime DeadlineOf(TimerKind kind) const {
    return kind == TimerKind::kState ? record().deadline : TimerOf(record(), kind).deadline;
  }
  // The clock goes on to the deadline of that timer, which then fires.
  void Fire(TimerKind kind = TimerKind::kState) {
    const std::uint64_t epoch = kind == TimerKind::kState ? record().epoch : TimerOf(record(), kind).epoch;
    if (DeadlineOf(kind) != kNoDeadline && DeadlineOf(kind) > now) now = DeadlineOf(kind);
    Step({.kind = EventKind::kTimer, .epoch = epoch, .timer = kind});
  }
  void Notify(Notice notice, Millis span = Millis{0}, std::int32_t pid = 0) {
    Step({.kind = EventKind::kNotice, .pid = pid, .notice = notice, .span = span});
  }
  // The answer to the probe that was asked for last.
  void Answer(bool success, ProbeUse use = ProbeUse::kReadiness) {
    const std::uint64_t number = ProbeOf(record(), use).number;
    Step({.kind = EventKind::kProbeDone, .probe = use, .number = number, .success = success});
  }
  const Effect* Find(EffectKind kind) const {
    for (const Effect& effect : engine->effects()) {
      if (effect.kind == kind) return &effect;
    }
    return nullptr;
  }
  bool Signalled(int signal, Role role = Role::kMain) const {
    for (const Effect& effect : engine->effects()) {
      if (effect.kind == EffectKind::kSignal && effect.signal == signal && effect.role == role) return true;
    }
    return false;
  }
  bool Spawns(Role role = Role::kMain) const {
    for (const Effect& effect : engine->effects()) {
      if (effect.kind == EffectKind::kSpawn && effect.role == role) return true;
    }
    return false;
  }
  bool Asks(ProbeUse use) const {
    for (const Effect& effect : engine->effects()) {
      if (effect.kind == EffectKind::kProbe && effect.probe == use) return true;
    }
    return false;
  }
  // A new supervise, `away` later, that finds these children.
  void ComeBack(Millis away, std::vector<LiveChild> children) {
    const std::vector<Engine::Saved> saved = {{plan.services[0].name, record()}};
    for (LiveChild& child : children) child.service = 0;
    engine = std::make_unique<Engine>();
    now += away;
    engine->Restore(plan, saved, children, now);
  }
};

}  // namespace foster::story
