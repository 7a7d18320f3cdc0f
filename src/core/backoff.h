// SPDX-License-Identifier: MIT
// Delays of the restart policy, as pure functions. Not: timers or budgets (service_machine.cc).
// Called by: ServiceMachine. Invariants: never negative; never above the cap for failed starts; no overflow
// for any number of failed starts.
#pragma once

#include <cstdint>

#include "foster/service_spec.h"

namespace foster {

// Before the try that follows the n-th failed start in a row (n from 1).
Millis FailedStartDelay(const RestartPolicy& policy, std::uint32_t n);

// Before the restart that follows the end of a process that was Running for `ran`.
Millis EndingDelay(const RestartPolicy& policy, Millis ran);

}  // namespace foster
