// SPDX-License-Identifier: MIT
// Assemble: fragments -> one Plan: choose project or seed per workload, resolve bundles and names in gates,
// find undefined names, cycles, duplicates and programs that two workloads define. Pure. Not: reading
// (src/formats). Called by: supervise (boot, reload, plan) and `foster validate`. Invariants of the result:
// see foster/plan.h. A workload never becomes invalid because of another one's fault, except that a gate on a
// service which is nowhere defined makes its own file invalid.
#pragma once

#include <optional>
#include <vector>

#include "model/fragment.h"

namespace foster {

// What was read for one workload declared in services.d. nullopt: the reader crashed or ran into a limit;
// then `project_failure` / `seed_failure` say so ("reader killed by SIGSEGV").
struct WorkloadFragments {
  std::string name;
  std::optional<Fragment> project;
  std::optional<Fragment> seed;
  std::string project_failure;
  std::string seed_failure;
};

struct AssembleOptions {
  bool seeds_only = false;  // --safe
};

// Gate names resolve in this order: a service of the same workload, a service directory, "workload/name", a
// name that is unique among all workloads, a bundle, a workload (all its autostart services, kStarted). The
// name of a replicated service stands for all its replicas; what a gate says of one service by its own name
// counts more than what one says of it as part of a bundle, a workload or a group of replicas. The
// bundle `user` decides what autostarts among service directories: members (with what they need) do, others
// do not; without such a bundle all do. A workload that `user` does not reach does not autostart either.
// Gates that bring nothing up (kOrder, kStopped) make nothing autostart. kOrder counts for cycles: two
// services that are both on their way would wait for each other for ever; kStopped does not.
// Cycle: an error diagnostic with the path of names ("a -> b -> a"), its services become `broken`
// (services.d) or the file invalid (workload).
Plan Assemble(const Fragment& services_d, const std::vector<WorkloadFragments>& workloads,
              const AssembleOptions& options);

// Programs that two workloads define: same bare name, or same command. Warnings with both places.
std::vector<Diagnostic> FindDoubleDefinitions(const Plan& plan);

}  // namespace foster
