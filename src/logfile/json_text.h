// SPDX-License-Identifier: MIT
// Text as a JSON string holds it, appended fast: what is no UTF-8 becomes U+FFFD, byte by byte, as zerolog
// does. Not: reading JSON (wire/json.h). Called by: line_format, sinks that post JSON. Pure.
#pragma once

#include <string>
#include <string_view>

namespace foster {

// Without the quotes around it.
void AppendJsonText(std::string_view text, std::string* out);
// `"text"`.
void AppendJsonString(std::string_view text, std::string* out);
// Plain text in which each byte that is no UTF-8 is U+FFFD.
void AppendUtf8(std::string_view text, std::string* out);
// Length of the UTF-8 character at the start of `text`, 0 if there is none.
std::size_t Utf8Length(std::string_view text);

}  // namespace foster
