// SPDX-License-Identifier: MIT
// StripAnsi: text without terminal escape sequences (ECMA-48: CSI, OSC and other strings, two-byte ones).
// Not: other control characters, which stay. Called by: sinks with strip_ansi. Invariants: pure; linear; a
// sequence that is not complete goes up to the text's end, but a broken CSI only up to where it breaks.
#pragma once

#include <string>
#include <string_view>

namespace foster {

// True if there was a sequence: then `*out` holds the text without, else `*out` is untouched.
bool StripAnsi(std::string_view text, std::string* out);

}  // namespace foster
