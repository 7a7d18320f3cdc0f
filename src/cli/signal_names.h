// SPDX-License-Identifier: MIT
// Signals by name ("TERM", "SIGTERM", "term") or number. Not: sending. Called by: the verb `signal`,
// s6_letters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace foster::cli {

std::optional<int> SignalFromName(std::string_view name);
// "did you mean 'TERM'?", or "".
std::string SignalHint(std::string_view name);

}  // namespace foster::cli
