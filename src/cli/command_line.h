// SPDX-License-Identifier: MIT
// The command line: words into a verb and its Arguments. CLI11 is behind it, in command_line.cc alone.
// Not: doing anything. Called by: run.cc, tests. Invariant: never writes, never exits, never throws.
#pragma once

#include <string>
#include <vector>

#include "cli/verb.h"

namespace foster::cli {

struct CommandLine {
  const Verb* verb = nullptr;  // nullptr: no verb was given
  Arguments arguments;         // of the common options too
};

// Error: what is wrong with the words, in one or two lines ("unknown verb 'statsu': did you mean 'status'?").
Result<CommandLine> ParseCommandLine(const std::vector<std::string>& words);

}  // namespace foster::cli
