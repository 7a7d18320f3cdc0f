// SPDX-License-Identifier: MIT
// The services that are foster's own: logd, the prober, and one gateway per workload that has a listener.
// Not: started here; they are services of the plan like any other, marked `internal`. Called by: Planner.
// Pure but for the arguments.
#pragma once

#include <string>
#include <string_view>

#include "foster/plan.h"

namespace foster {

inline constexpr std::string_view kLogdName = "foster/logd";
inline constexpr std::string_view kProberName = "foster/prober";
inline constexpr std::string_view kGatewayPrefix = "foster/serve-";
inline constexpr std::string_view kLoadPrefix = "foster/load-";
inline constexpr std::string_view kOwnLogName = "foster";  // supervise's own lines; no service of the plan

struct InternalOptions {
  std::string self;    // path of this program
  std::string socket;  // the control socket, for the gateways
  bool print = true;   // FOSTER_STDOUT
  bool colour = false;
};

// `plan` with foster's own services put in, sorted by name again.
Plan WithInternalServices(const Plan& plan, const InternalOptions& options);

}  // namespace foster
