// SPDX-License-Identifier: MIT
// Text as zerolog writes it, for files that process-compose's users know: what is no UTF-8 becomes U+FFFD,
// byte by byte, written \ufffd in JSON. Not: JSON of our own (base/utf8.h). Called by: line_format. Pure.
#pragma once

#include <string>
#include <string_view>

namespace foster {

// `"text"`.
void AppendZerologString(std::string_view text, std::string* out);
// As its console writer shows a message: no escapes.
void AppendZerologPlain(std::string_view text, std::string* out);

}  // namespace foster
