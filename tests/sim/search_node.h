// SPDX-License-Identifier: MIT
// One point of the exhaustive search: the record of a service and what is around it. What cannot make a
// difference any more is made equal (Normalise), so that the points are few enough to visit them all. Not:
// the events that lead from one to the next (search.cc). Called by: search*.cc. Invariant: Normalise changes
// nothing in what it has made itself, and two points with one key behave alike.
#pragma once

#include <string>
#include <vector>

#include "core/service_machine.h"

namespace foster::sim {

// Time stands still at kNow: after each event everything is moved back to it.
inline constexpr MonoTime kNow{Millis{1'000'000}};
inline constexpr Millis kLong{20'000};  // what is longer ago than this is old, whatever it is measured for
inline constexpr Millis kShutdownTime{7'500};
inline constexpr std::uint64_t kCurrent = 5;

struct SearchNode {
  ServiceRecord record;
  Verdict gates = Verdict::kOpen;
  MonoTime last_moment = kNoDeadline;  // set: shutting down
  bool asked_schedule = false;         // kSchedule has not been answered
  bool awaits_demand = false;          // its sockets are watched
};

struct SearchShape {
  const char* name;
  ServiceSpec spec;
};

std::vector<SearchShape> SearchShapes();

void Normalise(SearchNode& node, const ServiceSpec& spec, MonoTime now);
std::string KeyOf(const SearchNode& node);
std::string TextOf(const SearchNode& node);

// What one event has done.
struct SearchStep {
  const ServiceSpec& spec;
  const SearchNode& before;
  const SearchNode& after;
  const std::vector<Effect>& effects;
  MonoTime now;
  bool is_restore;
};

// nullptr, or the rule that is broken.
const char* BrokenRule(const SearchStep& step);

}  // namespace foster::sim
