// SPDX-License-Identifier: MIT
// ParseScale: how many there shall be of which declared services, as a client says it, against the plan. Not:
// making them (the readers do, formats/replicas.h). Pure. Called by: methods_scale.cc. Invariant: what comes
// out names declared services in full and counts from 1 to kMaxReplicasAsked.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "foster/plan.h"
#include "wire/json.h"

namespace foster {

inline constexpr std::int64_t kMaxReplicasAsked = 1000;
using ScaleMap = std::map<std::string, std::uint32_t>;

// `params.scale`: {NAME: COUNT, ...}; a name is that of the declared service or of one of its replicas, in
// full or bare while that is unique. Error code ENOENT: no such service.
Result<ScaleMap> ParseScale(const Json& params, const Plan& plan);
// The one workload that all of `scale` belongs to; "" if it concerns several, or service directories.
std::string WorkloadOf(const ScaleMap& scale);

}  // namespace foster
