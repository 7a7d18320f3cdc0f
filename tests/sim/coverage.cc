// SPDX-License-Identifier: MIT
#include "sim/coverage.h"

#include <csignal>
#include <cstdio>

#include "sim/fake_init.h"

namespace foster::sim {
namespace {

constexpr const char* kEffects[] = {"spawn",   "signal",       "arm timer", "changed",
                                    "removed", "all stopped",  "probe",     "keys",
                                    "follow",  "await demand", "schedule",  "end container"};
constexpr const char* kCauses[] = {"none",       "boot",     "request",   "reload",         "gate",
                                   "dependency", "exited",   "signaled",  "spawn failed",   "timed out",
                                   "gave up",    "broken",   "permanent", "shutdown",       "ready",
                                   "needed",     "lost",     "schedule",  "demand",         "idle",
                                   "unhealthy",  "watchdog", "along",     "workload ended", "pinned"};
constexpr const char* kTimers[] = {"state", "readiness", "liveness", "watchdog", "schedule", "idle"};
constexpr const char* kProbes[] = {"readiness", "liveness", "idle"};
constexpr const char* kAfter[] = {"by policy", "restart", "fail", "wait"};

std::string EffectName(const Effect& effect) {
  std::string name = std::string("effect: ") + kEffects[static_cast<std::size_t>(effect.kind)];
  if (effect.kind == EffectKind::kSpawn) name += " " + std::string(NameOf(effect.role));
  if (effect.kind == EffectKind::kProbe) name += std::string(" ") + kProbes[static_cast<int>(effect.probe)];
  if (effect.kind == EffectKind::kArmTimer)
    name += std::string(" ") + kTimers[static_cast<int>(effect.timer)];
  if (effect.kind == EffectKind::kSignal)
    name += std::string(effect.signal == SIGKILL ? " kill " : " stop ") + std::string(NameOf(effect.role));
  return name;
}

// What a record can be, beside its state and cause.
struct Situation {
  const char* name;
  bool (*is_so)(const ServiceSpec&, const ServiceRecord&);
};
constexpr Situation kSituations[] = {
    {"held back by dependents",
     [](const ServiceSpec&, const ServiceRecord& r) { return r.waits_for_dependents; }},
    {"stop command runs", [](const ServiceSpec&, const ServiceRecord& r) { return r.stop_pid != 0; }},
    {"stop command outlives its service",
     [](const ServiceSpec&, const ServiceRecord& r) {
       return r.stop_pid != 0 && r.pid == 0 && !r.lingering;
     }},
    {"stop command failed", [](const ServiceSpec&, const ServiceRecord& r) { return r.stop_fell_back; }},
    {"asks whom to follow", [](const ServiceSpec&, const ServiceRecord& r) { return r.follow_pending; }},
    {"follows one process",
     [](const ServiceSpec&, const ServiceRecord& r) { return r.following && r.pid != 0; }},
    {"follows a tree",
     [](const ServiceSpec&, const ServiceRecord& r) {
       return r.following && r.lingering && !r.follow_pending;
     }},
    {"has named its process", [](const ServiceSpec&, const ServiceRecord& r) { return r.named_pid != 0; }},
    {"rest of a tree is stopped",
     [](const ServiceSpec&, const ServiceRecord& r) { return r.state == State::kStopping && r.lingering; }},
    {"up, not ready",
     [](const ServiceSpec&, const ServiceRecord& r) { return r.state == State::kRunning && !r.ready; }},
    {"reloading", [](const ServiceSpec&, const ServiceRecord& r) { return r.reloading; }},
    {"said that it stops", [](const ServiceSpec&, const ServiceRecord& r) { return r.said_stopping; }},
    {"due while it cannot start", [](const ServiceSpec&, const ServiceRecord& r) { return r.due; }},
    {"left a time out", [](const ServiceSpec&, const ServiceRecord& r) { return r.missed != 0; }},
    {"quiet for a while", [](const ServiceSpec&, const ServiceRecord& r) { return r.quiet != 0; }},
    {"on demand with gates, watched",
     [](const ServiceSpec& s, const ServiceRecord& r) {
       return r.state == State::kWaiting && r.cause.kind == CauseKind::kDemand && !s.gates.empty();
     }},
    {"on demand, waits for a gate",
     [](const ServiceSpec& s, const ServiceRecord& r) {
       return r.state == State::kWaiting && r.cause.kind == CauseKind::kGate &&
              s.activation == Activation::kOnDemand;
     }},
    {"pinned down", [](const ServiceSpec&, const ServiceRecord& r) { return r.pin == Pin::kDown; }},
    {"pinned up", [](const ServiceSpec&, const ServiceRecord& r) { return r.pin == Pin::kUp; }},
    {"leaves", [](const ServiceSpec&, const ServiceRecord& r) { return r.removing; }},
    {"restarts within a budget",
     [](const ServiceSpec& s, const ServiceRecord& r) {
       return s.restart.budget != kUnlimited && r.restart_times[0] != MonoTime{};
     }},
};

const char* const kStopEventLost = "event of a stop command lost in a crash";

}  // namespace

Coverage::Coverage() {
  for (int kind = 0; kind <= static_cast<int>(EffectKind::kEndContainer); ++kind) {
    const auto effect = static_cast<EffectKind>(kind);
    const bool has_parts = effect == EffectKind::kSpawn || effect == EffectKind::kSignal ||
                           effect == EffectKind::kProbe || effect == EffectKind::kArmTimer;
    if (!has_parts) counts_[EffectName({.kind = effect})] = 0;
  }
  for (std::size_t i = 0; i < kRoles; ++i) {
    const Role role = static_cast<Role>(i);
    counts_[EffectName({.kind = EffectKind::kSpawn, .role = role})] = 0;
    counts_[EffectName({.kind = EffectKind::kSignal, .role = role, .signal = SIGKILL})] = 0;
  }
  counts_[EffectName({.kind = EffectKind::kSignal, .signal = SIGTERM})] = 0;
  for (std::size_t i = 0; i < kProbeUses; ++i)
    counts_[EffectName({.kind = EffectKind::kProbe, .probe = static_cast<ProbeUse>(i)})] = 0;
  for (std::size_t i = 0; i < kTimerKinds; ++i)
    counts_[EffectName({.kind = EffectKind::kArmTimer, .timer = static_cast<TimerKind>(i)})] = 0;
  for (std::size_t i = 0; i < std::size(kCauses); ++i) counts_[std::string("cause: ") + kCauses[i]] = 0;
  for (const char* after : kAfter) counts_[std::string("after a stop: ") + after] = 0;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastState); ++i)
    counts_["state: " + std::string(NameOf(static_cast<State>(i)))] = 0;
  for (const Situation& situation : kSituations) counts_[std::string("is: ") + situation.name] = 0;
  counts_[kStopEventLost] = 0;
}

void Coverage::See(const Engine& engine) {
  for (const Effect& effect : engine.effects()) {
    SeeEffect(effect);
    const bool is_news = effect.kind == EffectKind::kChanged && engine.Exists(effect.service);
    if (is_news) SeeRecord(engine.spec(effect.service), engine.record(effect.service));
  }
}

void Coverage::SeeEffect(const Effect& effect) { ++counts_[EffectName(effect)]; }

void Coverage::SeeRecord(const ServiceSpec& spec, const ServiceRecord& record) {
  ++counts_["state: " + std::string(NameOf(record.state))];
  ++counts_[std::string("cause: ") + kCauses[static_cast<std::size_t>(record.cause.kind)]];
  if (record.state == State::kStopping)
    ++counts_[std::string("after a stop: ") + kAfter[static_cast<std::size_t>(record.after_stop)]];
  for (const Situation& situation : kSituations) {
    if (situation.is_so(spec, record)) ++counts_[std::string("is: ") + situation.name];
  }
}

void Coverage::SeeLost(const Event& event) {
  if (event.role == Role::kStop) ++counts_[kStopEventLost];
}

void Coverage::Add(const Coverage& other) {
  for (const auto& [name, count] : other.counts_) counts_[name] += count;
}

bool Coverage::Print() const {
  bool has_all = true;
  for (const auto& [name, count] : counts_) {
    std::printf("%12llu %s\n", static_cast<unsigned long long>(count), name.c_str());
    has_all = has_all && count != 0;
  }
  if (!has_all) std::printf("what never happened is not tested\n");
  return has_all;
}

}  // namespace foster::sim
