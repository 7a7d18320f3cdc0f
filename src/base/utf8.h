// SPDX-License-Identifier: MIT
// UTF-8 in bytes that may be anything: which of them are characters, and where they can be cut. Not: widths
// (tui/text_width.h), nor JSON (logfile/json_text.h). Called by: logfile,
// logd's network sinks. Pure, linear.
#pragma once

#include <cstddef>
#include <string_view>

namespace foster {

// Bytes of the character at `at` (1..4), 0 if there is none: a stray or overlong byte, a surrogate, a cut
// end.
std::size_t Utf8CharacterAt(std::string_view text, std::size_t at);
bool IsUtf8(std::string_view text);
// At most `size`, and not within a character.
std::size_t Utf8CutAt(std::string_view text, std::size_t size);

}  // namespace foster
