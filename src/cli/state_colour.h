// SPDX-License-Identifier: MIT
// Which colour a state has wherever svc prints one. Called by: status, outcome, events.
#pragma once

#include "cli/console.h"
#include "foster/state.h"

namespace foster::cli {

Colour ColourOf(State state);

}  // namespace foster::cli
