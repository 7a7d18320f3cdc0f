// SPDX-License-Identifier: MIT
// The s6 spelling, done: `svc -t /run/service/web`, `s6-svc -u web`. Asks without waiting, as s6-svc does,
// unless -w. Not: parsing the letters (s6_letters.h). Called by: run.cc, apps/s6_svc_main.cc. Invariant: exit
// codes are s6-svc's: 0; 99 timeout; 100 wrong words; 102 no such service; 111 foster not reached or it
// refused; with -w otherwise the number of services that failed.
#pragma once

#include <string>
#include <vector>

#include "cli/console.h"

namespace foster::cli {

int RunS6Svc(const std::string& program, const std::vector<std::string>& words, Console& console);

}  // namespace foster::cli
