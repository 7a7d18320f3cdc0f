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

// `delay`, lengthened by a part of up to `percent` of it that only `key` decides.
Millis WithJitter(Millis delay, std::uint32_t percent, std::uint64_t key);

// One number out of several, each bit of which changes all of it (splitmix64).
std::uint64_t MixKey(std::uint64_t seed, std::uint64_t a, std::uint64_t b);

}  // namespace foster
