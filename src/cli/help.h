// SPDX-License-Identifier: MIT
// Help texts, made from the verb tables. Called by: the verb `help`, --help, run.cc. Not: the man pages.
#pragma once

#include <string>

#include "cli/verb.h"

namespace foster::cli {

std::string GeneralHelp();
std::string HelpFor(const Verb& verb);

}  // namespace foster::cli
