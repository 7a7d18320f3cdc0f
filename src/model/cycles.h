// SPDX-License-Identifier: MIT
// FindCycles: the cycles in the gates of a set of services. Pure. Called by: assemble.cc, tests of other
// floors.
#pragma once

#include <string>
#include <vector>

#include "foster/service_spec.h"

namespace foster {

// Each cycle as the names along it, first name not repeated at the end; at most one per service. Gates on
// unknown or broken services are passed over, as are those that wait for a stop (kStopped).
std::vector<std::vector<std::string>> FindCycles(const std::vector<ServiceSpec>& services);

}  // namespace foster
