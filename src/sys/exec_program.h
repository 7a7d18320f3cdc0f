// SPDX-License-Identifier: MIT
// ExecProgram: becomes another program. Not: spawning (init does that). Called by: apps/with_contenv.
#pragma once

#include "base/result.h"

namespace foster {

// Looks argv[0] up in PATH. Returns only when it could not be executed; the code is the errno.
Error ExecProgram(char* const* argv);

}  // namespace foster
