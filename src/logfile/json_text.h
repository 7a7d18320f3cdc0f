// SPDX-License-Identifier: MIT
// Text as a JSON string holds it, appended fast, and escaped as zerolog does: what is no UTF-8 becomes
// U+FFFD, byte by byte, written \ufffd. Not: reading JSON (wire/json.h). Called by: line_format, sinks that
// post JSON. Pure, linear.
#pragma once

#include <string>
#include <string_view>

namespace foster {

// `"text"`.
void AppendJsonString(std::string_view text, std::string* out);
// Plain text, in which each byte that is no UTF-8 is U+FFFD.
void AppendValidUtf8(std::string_view text, std::string* out);

}  // namespace foster
