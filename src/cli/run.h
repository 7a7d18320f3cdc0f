// SPDX-License-Identifier: MIT
// svc from its words to its exit code. Called by: apps/svc_main.cc, tests. Not: a verb.
#pragma once

#include <string>
#include <vector>

#include "cli/console.h"

namespace foster::cli {

// `words` without argv[0].
int RunSvc(const std::vector<std::string>& words, Console& console);

}  // namespace foster::cli
