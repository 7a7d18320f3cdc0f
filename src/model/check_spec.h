// SPDX-License-Identifier: MIT
// CheckSpec: what no single value of a ServiceSpec shows to be wrong, but several together, or its meaning.
// Pure. Not: reading, nor anything that needs this machine. Called by: the readers of every dialect, which
// know the places. Invariant: a spec without faults can be acted on as it stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foster/service_spec.h"

namespace foster {

struct SpecFault {
  std::string key;  // as foster's own dialect calls it: "restart.budget", "idle_stop"
  std::string text;
  std::string hint;
};

std::vector<SpecFault> CheckSpec(const ServiceSpec& spec);

// Makes `schedule` one by a cron line, its zone ("TZ=Asia/Tokyo 0 3 * * *") included. Errors: not a cron
// line, one that never fires.
Result<void> SetCron(std::string_view line, Schedule* schedule);

// Why regcomp(3) would refuse `pattern` (extended), or what is too large in it; "" = nothing.
std::string PatternFault(const std::string& pattern);

}  // namespace foster
