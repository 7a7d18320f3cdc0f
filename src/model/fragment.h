// SPDX-License-Identifier: MIT
// Fragment: what reading one thing gave: the services.d directory, or one config file of one workload.
// Not: a Plan (that is several fragments put together, model/assemble.h). Made by: src/formats. Invariant:
// `valid` is false exactly when a workload's file cannot be used (an error diagnostic says why); services.d
// is always valid, its faulty services are `broken`.
#pragma once

#include <string>
#include <vector>

#include "foster/plan.h"

namespace foster {

struct Fragment {
  bool valid = true;
  std::vector<ServiceSpec> services;  // gates may still name bundles, workloads or other fragments' services
  std::vector<Bundle> bundles;        // members unresolved
  std::vector<Workload> workloads;    // services.d: those of type `workload`, nothing of them read yet
  std::string identifier;             // workload file: see Workload::identifier
  std::vector<Listener> listeners;    // workload file
  std::vector<Diagnostic> diagnostics;
  bool operator==(const Fragment&) const = default;
};

}  // namespace foster
