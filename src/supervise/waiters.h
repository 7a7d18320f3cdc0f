// SPDX-License-Identifier: MIT
// Waiters: requests whose answer comes when services have reached an outcome. Not: the rules of it
// (outcome.h). Called by: methods_goals.cc; told of every change by the supervisor. Invariant: each request
// is answered exactly once, at the latest at its time limit; a closed connection's requests are forgotten.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "supervise/engine_driver.h"
#include "supervise/outcome.h"
#include "supervise/timers.h"

namespace foster {

struct WaitItem {
  std::string name;
  std::uint64_t incarnation_before = 0;
  bool decided = false;
  bool ok = false;
  std::string error;
};

class Waiters {
 public:
  using Done = std::function<void(const std::vector<WaitItem>& items, bool timed_out)>;

  Waiters(const EngineDriver& driver, Timers& timers) : driver_(driver), timers_(timers) {}

  // `owner`: of the connection, for Drop(). May call `done` at once.
  void Add(std::uint64_t owner, Verb verb, std::vector<WaitItem> items, Millis limit, Done done);
  void Changed(const std::string& name);
  void Drop(std::uint64_t owner);

 private:
  struct Waiter {
    std::uint64_t owner;
    Verb verb;
    std::vector<WaitItem> items;
    Timers::Id timer = 0;
    Done done;
  };
  void Look(const Waiter& waiter, WaitItem* item);
  bool EndIfDone(std::list<Waiter>::iterator waiter);

  const EngineDriver& driver_;
  Timers& timers_;
  std::list<Waiter> waiters_;
};

}  // namespace foster
