// SPDX-License-Identifier: MIT
// Degrade: isolation without the parts that this container does not allow and the service may do without
// (Isolation::may_degrade). Not: spawning again (Spawner). Called by: Spawner. Invariant: a part that may not
// be left out never is; each part is left out at most once, so the number of tries has a bound.
#pragma once

#include <optional>
#include <string>

#include "foster/init_protocol.h"
#include "foster/isolation.h"

namespace foster {

// The part to leave out after a spawn failed at `stage`; nullopt: it is to fail.
std::optional<Degradable> PartToLeaveOut(const Isolation& isolation, std::uint32_t left_out,
                                         SpawnStage stage);
// `left_out`: one bit per Degradable.
Isolation Without(const Isolation& isolation, std::uint32_t left_out);
// For people: "nice: Permission denied".
std::string DegradedText(const Isolation& isolation, Degradable part, const std::string& why);

}  // namespace foster
