// SPDX-License-Identifier: MIT
// AddIsolation: a service's Identity and Isolation -> numbers in the spawn plan, looked up now. Not: carrying
// it out (init's child_setup.cc), nor doing without (degrade.h). Called by: MakeSpawnWish. Invariant: what
// cannot be looked up is a SpawnProblem with the stage at which init would have failed and a text that names
// the value.
#pragma once

#include <optional>

#include "supervise/spawn.h"

namespace foster {

std::optional<SpawnProblem> AddIsolation(const SpawnRequest& request, SpawnWish* wish);

}  // namespace foster
