// SPDX-License-Identifier: MIT
// Checker: the invariants of engine.h, looked at after every call of the engine, with its own idea of what
// each means. Not: a second engine. Called by: World. Throws Violation.
#pragma once

#include <vector>

#include "foster/plan.h"
#include "sim/fake_init.h"
#include "sim/outside.h"

namespace foster::sim {

enum class CallKind : std::uint8_t { kPlan, kStep, kShutdown, kGap };

struct ArmedTimer {
  std::uint64_t epoch = 0;
  MonoTime deadline = kNoDeadline;
};

using ArmedTimers = std::array<ArmedTimer, kTimerKinds>;

class Checker {
 public:
  explicit Checker(std::uint32_t universe) : watches_(universe) {}

  void Before(const Engine& engine);
  // Before the effects are performed.
  void Observe(const Engine& engine, const FakeInit& init, const Plan& plan, CallKind kind, MonoTime now);
  // After they were performed.
  void After(const Engine& engine, const FakeInit& init, const Outside& outside,
             const std::vector<ArmedTimers>& timers);
  // The world stood still.
  void Move(Millis gap);
  void ShutdownCalled(MonoTime now, MonoTime deadline);

 private:
  struct Watch {
    std::uint64_t stopped_incarnation = 0;  // that was told to stop
    MonoTime stopped_at{};
    Millis grace{0};
    std::int32_t role_pid = 0;
    Millis script_time{0};
    unsigned held = 0;  // kinds of gates that have held since the goal went up, one bit each
  };
  void SeeStop(const Engine& engine, const Effect& effect, const Plan& plan, MonoTime now);
  bool Lets(const Engine& engine, const Gate& gate) const;
  void CheckTimers(const Engine& engine, ServiceId id, const ArmedTimers& timers) const;
  void CheckWaiting(const Engine& engine, ServiceId id, const Outside& outside) const;
  void SeeSpawn(const Engine& engine, const Effect& effect, CallKind kind) const;
  void SeeSignal(const Engine& engine, const Effect& effect, const Plan& plan, MonoTime now);
  void SeeKill(const Engine& engine, const FakeInit& init, const Effect& effect, MonoTime now) const;
  void SeeTurn(const Engine& engine, ServiceId id, const Plan& plan, MonoTime now) const;
  void CheckRecord(const Engine& engine, ServiceId id, const FakeInit& init, const Outside& outside) const;
  bool ShutdownMayKill(MonoTime told, MonoTime now) const;

  std::vector<Watch> watches_;
  std::vector<ServiceRecord> before_;
  std::vector<bool> was_there_;
  MonoTime shutdown_at_ = kNoDeadline;
  MonoTime last_moment_ = kNoDeadline;
};

}  // namespace foster::sim
