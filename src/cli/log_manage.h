// SPDX-License-Identifier: MIT
// ManageLogs: the parts of `svc logs` that read no lines: --stats, --rotate, --reopen, --clear. Called by:
// logs. Invariant: exactly one of them is done.
#pragma once

#include "cli/verb.h"

namespace foster::cli {

bool IsLogManagement(const Arguments& arguments);
int ManageLogs(const Arguments& arguments, Console& console);

}  // namespace foster::cli
