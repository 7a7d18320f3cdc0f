// SPDX-License-Identifier: MIT
// Letters and hexadecimal digits of ASCII. No locale is asked, other bytes stay what they are. Not: UTF-8
// (tui/text_width.h). Called by: everything that compares words without their case. Pure.
#pragma once

#include <string>
#include <string_view>

namespace foster {

constexpr std::string_view kHexDigits = "0123456789abcdef";

constexpr char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char ToUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);

}  // namespace foster
