// SPDX-License-Identifier: MIT
// What up, down, restart and once have in common: ask, wait, print each service's new state and, where it
// failed, why and its last log lines. Not: the rules of waiting (supervise's). Called by: those four verbs.
#pragma once

#include "cli/session.h"

namespace foster::cli {

// --no-wait, --timeout.
const std::vector<OptionSpec>& WaitOptions();
// `also`: further parameters.
int RunChange(std::string_view method, Repeat repeat, const Arguments& arguments, Console& console,
              const Json& also = Json());
// Prints `results` of such a reply; the worst exit code among them.
int PrintResults(const Json& results, bool as_json, Console& console);

}  // namespace foster::cli
