// SPDX-License-Identifier: MIT
// Durations for people: two units at most ("4d03h", "2h05m", "1m30s", "12s"). Not: parsing. Called by:
// status, outcome.
#pragma once

#include <cstdint>
#include <string>

namespace foster::cli {

std::string FormatAge(std::int64_t ms);

}  // namespace foster::cli
