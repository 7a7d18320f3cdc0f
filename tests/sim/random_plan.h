// SPDX-License-Identifier: MIT
// Plans for random worlds: services s0, s1, ... of random shape, with gates only on lower numbers, so without
// cycles. Called by: World. Invariant: the same Random gives the same plan.
#pragma once

#include "foster/plan.h"
#include "sim/random.h"

namespace foster::sim {

Plan RandomPlan(Random& random, std::uint32_t universe, bool plain);
// Some services gone, some back, some changed: sometimes only in what needs no restart.
Plan ChangedPlan(Random& random, const Plan& before, std::uint32_t universe, bool plain);

std::uint32_t NumberOf(std::string_view name);  // "s12" -> 12

}  // namespace foster::sim
