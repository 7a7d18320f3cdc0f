// SPDX-License-Identifier: MIT
// World: one random history: a plan, requests, reloads, crashes of supervise, and a shutdown, all at
// simulated times, with a simulated init. Plays supervise's part as supervise does: save the records first,
// then perform the effects. Called by: sim.cc. Invariant: everything follows from the seed.
#pragma once

#include <memory>

#include "sim/checker.h"
#include "sim/coverage.h"
#include "sim/ledger.h"

namespace foster::sim {

class World {
 public:
  // `plain`: only services that start, become ready and stop; to find out which part a violation is of.
  // `coverage`: what it comes to is counted there; may be null.
  World(std::uint64_t seed, bool trace, bool plain, Coverage* coverage);
  // Throws Violation.
  void Run();
  std::uint64_t steps() const { return steps_; }

 private:
  struct Past {
    std::uint32_t number;
    Event event;
  };
  void PlanHistory();
  void Happen(const Happening& happening);
  void Deliver(std::uint32_t number, Event event);
  void FireTimer(const Happening& happening);
  void Request(std::uint32_t number);
  void Reload();
  void Replay();
  void CallShutdown();
  void Talk(std::uint32_t number);
  void StandStill();
  void Arm(std::uint32_t number, const Effect& effect);
  void Crash();
  void ComeBack();
  template <class Function>
  void Call(CallKind kind, Function function);
  void Save();
  void Perform();
  void PerformOne(const Effect& effect);
  void CheckEnd();
  void Trace(const std::string& text) const;
  void TracePlan() const;
  void TraceEffect(const Effect& effect) const;

  Random random_;
  bool trace_;
  bool plain_;
  Coverage* coverage_;
  std::uint32_t universe_;
  std::vector<std::string> names_;
  Agenda agenda_;
  FakeInit init_;
  Outside outside_;
  Checker checker_;
  Ledger ledger_;
  std::unique_ptr<Engine> engine_;
  Plan plan_;
  std::vector<Engine::Saved> saved_;
  std::vector<ArmedTimers> timers_;
  std::vector<Past> past_;
  MonoTime now_{Millis{1000}};
  MonoTime shutdown_deadline_ = kNoDeadline;
  bool shutdown_called_ = false;
  bool crash_in_next_call_ = false;
  bool will_crash_ = false;
  std::uint32_t life_ = 0;
  std::uint32_t all_stopped_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace foster::sim
