// SPDX-License-Identifier: MIT
// Banner: what is said, so that it cannot be missed, when a workload does not run from its project file.
// Not: printing it (voice.h). Pure. Called by: Planner, tests.
#pragma once

#include <string>

#include "formats/diagnostic_printer.h"
#include "foster/plan.h"

namespace foster {

// Empty when the project file is in use.
std::string FallbackBanner(const Workload& workload, bool seeds_only, PrintColour colour);

}  // namespace foster
