// SPDX-License-Identifier: MIT
// Sources: everything that was read for the plan in use, kept so that a later reload can take one workload
// anew and leave the others as they are; and the rules of that. Not: reading (loader.h). Pure. Called by:
// Planner, tests. Invariant: a reload never replaces what runs by something that did not validate.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/assemble.h"
#include "model/plan_diff.h"
#include "supervise/scale.h"
#include "wire/json.h"

namespace foster {

inline constexpr std::size_t kMaxServices = 4096;

struct Sources {
  Fragment services_d;
  std::string services_d_failure;  // not empty: the reader crashed on services.d
  std::vector<WorkloadFragments> workloads;
  ScaleMap scale;  // as persons asked for it; holds over reloads
};

struct Refusal {
  std::string workload;
  std::vector<Diagnostic> diagnostics;
};

struct Outcome {
  Sources sources;
  Plan plan;
  std::vector<Refusal> refused;
};

// The first plan: project or seed per workload.
Outcome FirstPlan(Sources read, bool seeds_only);

// A reload of all (`only` empty) or of one workload: those whose project does not validate stay as they are
// in `before`. Error: no such workload, or services.d could not be read at all.
Result<Outcome> NextPlan(const Sources& before, const Plan& plan_before, const Sources& read,
                         const std::string& only);

// What the savepoint keeps.
Json ToJson(const Sources& sources);
Result<Sources> SourcesFromJson(const Json& json);

}  // namespace foster
