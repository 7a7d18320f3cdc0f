// SPDX-License-Identifier: MIT
// What a reload would do: old plan against new plan, service by service. Pure. Called by: supervise, core
// (Apply uses the same comparison: operator== of ServiceSpec).
#pragma once

#include <string>
#include <vector>

#include "foster/plan.h"

namespace foster {

enum class Change : std::uint8_t { kUnchanged, kAdded, kRemoved, kChanged };
std::string_view NameOf(Change change);

struct ServiceChange {
  std::string name;
  Change change = Change::kUnchanged;
  std::vector<std::string> fields;  // of ServiceSpec, for kChanged: "command", "environment", ...
};

// Sorted by name; unchanged ones included.
std::vector<ServiceChange> ComparePlans(const Plan& before, const Plan& after);

}  // namespace foster
