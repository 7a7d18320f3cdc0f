// SPDX-License-Identifier: MIT
// UTF-8 as bytes that may be anything: which of them are characters, and text as JSON. Not: widths
// (tui/text_width.h), nor a JSON value (wire/json.h). Called by: logfile, logd's network sinks. Pure, linear.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace foster {

// Bytes of the character at `at` (1..4), 0 if there is none: a stray or overlong byte, a surrogate, a cut
// end.
std::size_t Utf8CharacterAt(std::string_view text, std::size_t at);
bool IsUtf8(std::string_view text);
// At most `size`, and not within a character.
std::size_t Utf8CutAt(std::string_view text, std::size_t size);
// Appends `text` as a JSON string with its quotes; what is no UTF-8 becomes U+FFFD, byte by byte.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace foster
