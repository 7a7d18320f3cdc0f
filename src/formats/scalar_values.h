// SPDX-License-Identifier: MIT
// Single values as the formats write them: booleans, integers, byte sizes, octal modes, signals, exit codes,
// names. Not: keys. Called by: the readers. Invariant: pure; the error text is the one that the original tool
// gives.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foster/time.h"

namespace foster {

std::string_view Strip(std::string_view text);  // ASCII blanks at both ends

Result<bool> ParseBool(std::string_view text);              // yes true on 1 / no false off 0
Result<std::int64_t> ParseInteger(std::string_view text);   // as Python's int(): sign, underscores, blanks
Result<std::int64_t> ParseByteSize(std::string_view text);  // 50MB, 1 gb, 1024
Result<std::uint32_t> ParseOctal(std::string_view text);
Result<int> ParseSignal(std::string_view text);  // TERM, sigterm, 15
Result<std::vector<int>> ParseExitCodes(std::string_view text);
Result<std::string> ParseName(std::string_view text);  // no blank, ':' or '/'

// Seconds as Millis; below zero is zero, more than a hundred years is kForever.
Millis SecondsToMillis(std::int64_t seconds);

}  // namespace foster
