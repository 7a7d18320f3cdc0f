// SPDX-License-Identifier: MIT
// The small codings of the web: percent, HTML, SHA-1, UTF-8. Pure. Called by: every resource of the
// gateways. Not: XML-RPC (xml_rpc_codec.h) or JSON (wire/json.h).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace foster {

// "%2F" -> "/"; a '%' without two hex digits stays. `plus_is_space` for forms and queries.
enum class Plus { kKept, kSpace };
std::string PercentDecode(std::string_view text, Plus plus = Plus::kKept);
std::string PercentEncode(std::string_view text);  // all but letters, digits and "-._~"
// "a=1&b=2" -> map; of a repeated key the last one counts.
std::map<std::string, std::string> ParseForm(std::string_view text);

std::string Sha1Hex(std::string_view text);
std::string HtmlEscape(std::string_view text);  // for text and quoted attributes

// Takes as long for a wrong first byte as for a wrong last one.
bool EqualsInConstantTime(std::string_view a, std::string_view b);

// Each byte that is no part of a valid UTF-8 character becomes U+FFFD.
std::string MakeUtf8(std::string_view text);
// The last `bytes` of `text`, less what would begin inside a character.
std::string_view LastBytes(std::string_view text, std::size_t bytes);
// Without terminal sequences (ESC [ ..., ESC ] ...): what XML cannot carry and a log viewer does not want.
std::string WithoutTerminalSequences(std::string_view text);
// The length in bytes of the valid character at the start of `text`, 0 when there is none.
std::size_t Utf8Length(std::string_view text);

}  // namespace foster
