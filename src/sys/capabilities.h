// SPDX-License-Identifier: MIT
// Capabilities by name: "net_bind_service" -> its bit, and what this process itself may. Not: setting any
// (init does, in the child). Called by: supervise/spawn_isolation.cc, supervise/doctor.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace foster {

// With or without "cap_", in any case.
std::optional<int> CapabilityNumber(std::string_view name);
// One bit each. Error EINVAL: which name is none.
Result<std::uint64_t> CapabilitySet(const std::vector<std::string>& names);
bool HasCapability(std::string_view name);

}  // namespace foster
