// SPDX-License-Identifier: MIT
#include "sim/ledger.h"

#include <algorithm>
#include <csignal>
#include <string>

#include "core/service_machine.h"
#include "sim/random_plan.h"

namespace foster::sim {
namespace {

[[noreturn]] void Fail(const Engine& engine, ServiceId id, const std::string& what) {
  const ServiceRecord& record = engine.record(id);
  throw Violation(what + ": " + engine.spec(id).name + " " + std::string(NameOf(record.state)) + ", #" +
                  std::to_string(record.incarnation));
}

bool IsNeed(const Gate& gate) {
  const bool is_life =
      gate.kind == GateKind::kStarted || gate.kind == GateKind::kReady || gate.kind == GateKind::kHealthy;
  return gate.strength == GateStrength::kHard && is_life;
}

}  // namespace

// What was asked for by this life, and not given up since.
void Ledger::Answered(const Engine& engine, const Event& event) {
  const ServiceRecord& record = engine.record(event.service);
  const ProbeRecord& asked = ProbeOf(record, event.probe);
  if (event.incarnation != record.incarnation || !asked.pending || event.number != asked.number) return;
  const std::uint32_t number = NumberOf(engine.spec(event.service).name);
  Answers& answers = pages_[number].answers[static_cast<std::size_t>(event.probe)];
  if (event.incarnation != answers.incarnation) answers = {.incarnation = event.incarnation};
  answers.failures = event.success ? 0 : answers.failures + 1;
  if (event.success) answers.has_passed = true;
}

// What a longrun leaves behind when it ends by itself is ended before another life, unless it may go on.
void Ledger::Ended(const Engine& engine, const Event& event) {
  const ServiceRecord& record = engine.record(event.service);
  const ServiceSpec& spec = engine.spec(event.service);
  std::uint64_t& rest_of = pages_[NumberOf(spec.name)].rest_of;
  if (event.incarnation != record.incarnation || event.role != Role::kMain) return;
  if (event.kind == EventKind::kTreeGone || !event.lingering) {
    rest_of = 0;
    return;
  }
  const bool is_up = record.state == State::kStarting || record.state == State::kRunning;
  const bool is_there = record.pid != 0 || record.spawn_pending;
  const bool may_be_daemon = spec.daemon.follow != Follow::kNone && !record.following;
  const bool must_go = is_up && is_there && !may_be_daemon && !spec.stop.keep_rest;
  if (must_go && spec.type == ServiceType::kLongrun) rest_of = event.incarnation;
}

void Ledger::Asked(std::uint32_t number, const Event& event) {
  if (event.kind == EventKind::kDown) pages_[number].asked_alone = event.alone;
  if (event.kind == EventKind::kPin) pages_[number].asked_alone = false;
}

void Ledger::Planned(const Engine& engine) {
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (engine.Exists(id) && engine.record(id).waits_for_dependents)
      pages_[NumberOf(engine.spec(id).name)].asked_alone = true;
  }
}

void Ledger::Before(const Engine& engine) {
  before_.assign(engine.capacity(), {});
  was_there_.assign(engine.capacity(), false);
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id)) continue;
    before_[id] = engine.record(id);
    was_there_[id] = true;
  }
}

void Ledger::Observe(const Engine& engine, const Plan& plan, MonoTime now) {
  before_.resize(engine.capacity());
  was_there_.resize(engine.capacity(), false);
  for (const Effect& effect : engine.effects()) {
    // Comes it back under its name, it is another one.
    if (effect.kind == EffectKind::kRemoved) pages_[NumberOf(engine.spec(effect.service).name)] = {};
    if (effect.service == kNoService || !engine.Exists(effect.service)) continue;
    if (effect.kind == EffectKind::kSpawn && effect.role == Role::kMain) SeeStart(engine, effect);
    const bool is_signal = effect.kind == EffectKind::kSignal && effect.signal != SIGKILL;
    const bool is_command = effect.kind == EffectKind::kSpawn && effect.role == Role::kStop;
    if (is_signal || is_command || effect.kind == EffectKind::kStopKeys)
      SeeStop(engine, effect.service, plan);
  }
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id)) continue;
    if (was_there_[id]) CountRestarts(engine, id, now);
    if (was_there_[id]) SeeCharge(engine, id);
    SeePin(engine, id);
  }
}

// No start without a cause that has a name; none of what is pinned down.
void Ledger::SeeStart(const Engine& engine, const Effect& effect) const {
  const ServiceRecord& record = engine.record(effect.service);
  if (record.incarnation != effect.incarnation) return;
  if (record.cause.kind == CauseKind::kNone) Fail(engine, effect.service, "started without a cause");
  if (record.pin == Pin::kDown) Fail(engine, effect.service, "started though pinned down");
  if (pages_[NumberOf(engine.spec(effect.service).name)].rest_of != 0)
    Fail(engine, effect.service, "started beside the rest of its last life");
  if (record.restarts == before_[effect.service].restarts) return;
  switch (record.cause.kind) {
    case CauseKind::kNone:
    case CauseKind::kBoot:
    case CauseKind::kPinned:
    case CauseKind::kBroken:
    case CauseKind::kShutdown:
      Fail(engine, effect.service, "restarted by itself without a reason");
    default:
      break;
  }
}

// Who is told to stop by a request has nobody left that needs it.
void Ledger::SeeStop(const Engine& engine, ServiceId id, const Plan& plan) const {
  const ServiceRecord& record = engine.record(id);
  const State was = before_[id].state;
  const bool begins = was == State::kStarting || was == State::kRunning;
  const bool by_request = record.goal == Goal::kDown && record.cause.kind == CauseKind::kRequest;
  const bool alone = pages_[NumberOf(engine.spec(id).name)].asked_alone;
  if (engine.shutting_down() || !begins || !by_request || alone) return;
  for (const ServiceSpec& other : plan.services) {
    const ServiceId dependent = engine.Find(other.name);
    if (dependent == kNoService || dependent == id) continue;
    const bool needs = std::any_of(other.gates.begin(), other.gates.end(), [&](const Gate& gate) {
      return gate.service == engine.spec(id).name && IsNeed(gate);
    });
    const ServiceRecord& its = engine.record(dependent);
    const bool counts =
        needs && other.broken.empty() && its.pin != Pin::kUp && other.internal == engine.spec(id).internal;
    // Asked for again meanwhile, where a pin lets nobody bring up what it needs.
    if (record.pin == Pin::kDown && its.goal != Goal::kDown) continue;
    if (counts && ServiceMachine::HasProcess(its) && other.type == ServiceType::kLongrun)
      Fail(engine, id, "told to stop before " + other.name);
  }
}

void Ledger::CountRestarts(const Engine& engine, ServiceId id, MonoTime now) {
  const ServiceRecord& record = engine.record(id);
  const RestartPolicy& policy = engine.spec(id).restart;
  std::deque<MonoTime>& restarts = pages_[NumberOf(engine.spec(id).name)].restarts;
  if (record.restarts_since_up < before_[id].restarts_since_up) restarts.clear();
  if (record.restarts <= before_[id].restarts) return;
  restarts.push_back(now);
  if (policy.budget == kUnlimited) return;
  const auto recent = std::count_if(restarts.begin(), restarts.end(), [&](MonoTime at) {
    return policy.budget_window == kForever || now - at < policy.budget_window;
  });
  if (static_cast<std::uint32_t>(recent) > policy.budget) Fail(engine, id, "over its budget");
  if (restarts.size() > 2 * kMaxBudget) restarts.pop_front();
}

// A verdict of "unhealthy" rests on failures that this very life has earned.
void Ledger::SeeCharge(const Engine& engine, ServiceId id) const {
  const ServiceRecord& record = engine.record(id);
  const bool is_new =
      record.stop_cause.kind == CauseKind::kUnhealthy && before_[id].stop_cause.kind != CauseKind::kUnhealthy;
  if (!is_new || record.incarnation != before_[id].incarnation) return;
  const ProbeUse use = record.stop_cause.probe;
  const ServiceSpec& spec = engine.spec(id);
  const Probe& probe = use == ProbeUse::kReadiness ? spec.readiness.probe : spec.liveness.probe;
  const Answers& answers = pages_[NumberOf(spec.name)].answers[static_cast<std::size_t>(use)];
  if (answers.incarnation != record.incarnation) Fail(engine, id, "charged with another life's failure");
  const std::uint32_t needed = answers.has_passed ? probe.failure_threshold : 1;
  if (answers.failures < needed) Fail(engine, id, "found unhealthy too soon");
}

void Ledger::SeePin(const Engine& engine, ServiceId id) const {
  const ServiceRecord& record = engine.record(id);
  if (engine.shutting_down() || record.removing) return;
  if (record.pin == Pin::kUp && record.goal == Goal::kDown) Fail(engine, id, "down though pinned up");
  if (record.pin == Pin::kDown && record.goal != Goal::kDown) Fail(engine, id, "up though pinned down");
}

void Ledger::Move(Millis gap) {
  for (Page& page : pages_) {
    for (MonoTime& at : page.restarts) at += gap;
  }
}

}  // namespace foster::sim
