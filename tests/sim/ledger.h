// SPDX-License-Identifier: MIT
// Ledger: what has to add up over time: restarts within their budget, failures charged to the life that
// earned them, a named cause for every start, pins, and the order of an ordinary stop. Not: one state
// (checker.h). Called by: World, after every call of the engine and before its effects are performed. Throws
// Violation.
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "foster/plan.h"
#include "sim/fake_init.h"

namespace foster::sim {

class Ledger {
 public:
  explicit Ledger(std::uint32_t universe) : pages_(universe) {}

  void Answered(const Engine& engine, const Event& event);  // kProbeDone, before the step
  void Ended(const Engine& engine, const Event& event);     // kExited, kTreeGone, before the step
  void Asked(std::uint32_t number, const Event& event);     // a request, before the step
  void Before(const Engine& engine);
  void Observe(const Engine& engine, const Plan& plan, MonoTime now);
  // A new plan is there: who is on its way down does not wait for those that need it only now.
  void Planned(const Engine& engine);
  // It is gone for good, and nobody has seen it go.
  void Forget(std::uint32_t number) { pages_[number] = {}; }
  // The world stood still.
  void Move(Millis gap);

 private:
  struct Answers {
    std::uint64_t incarnation = 0;
    std::uint32_t failures = 0;  // in a row
    bool has_passed = false;
  };
  struct Page {
    std::deque<MonoTime> restarts;
    std::array<Answers, kProbeUses> answers;
    bool asked_alone = false;
    std::uint64_t rest_of = 0;  // the life whose rest has to be gone before the next begins
  };
  void SeeStart(const Engine& engine, const Effect& effect) const;
  void SeeStop(const Engine& engine, ServiceId id, const Plan& plan) const;
  void CountRestarts(const Engine& engine, ServiceId id, MonoTime now);
  void SeeCharge(const Engine& engine, ServiceId id) const;
  void SeePin(const Engine& engine, ServiceId id) const;

  std::vector<Page> pages_;
  std::vector<ServiceRecord> before_;
  std::vector<bool> was_there_;
};

}  // namespace foster::sim
