// SPDX-License-Identifier: MIT
// Search: every event in every state that one service can reach, for several shapes of service.
// Not: several services (World). Called by: sim.cc. Throws Violation.
#pragma once

#include <cstddef>

namespace foster::sim {

// Returns the number of different states that were visited over all shapes.
std::size_t SearchAllShapes(bool print);

}  // namespace foster::sim
