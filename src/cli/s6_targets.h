// SPDX-License-Identifier: MIT
// Which services a word of the s6 spelling means: a path (the service of that directory, else its last part),
// a full name, a workload, a bare name. Not: globs and bundles (foster resolves those). Called by: s6_svc,
// tests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "foster/service_status.h"

namespace foster::cli {

struct S6Target {
  std::string workload;            // not empty: all of this workload
  std::vector<std::string> names;  // full names
};

// nullopt: nothing of that name is among `services` and `workloads`.
std::optional<S6Target> ResolveS6Target(const std::string& word, const std::vector<ServiceStatus>& services,
                                        const std::vector<WorkloadStatus>& workloads);

}  // namespace foster::cli
