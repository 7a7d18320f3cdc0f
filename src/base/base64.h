// SPDX-License-Identifier: MIT
// Base64 (RFC 4648, section 4): bytes as text that any carrier takes. Not: the URL-safe digits. Called by:
// wire (log lines that are no UTF-8), gateways, logd. Pure, linear.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace foster {

std::string Base64Encode(std::string_view bytes);  // padded, without line ends
// White space is passed over, padding may be missing. nullopt: anything else.
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace foster
