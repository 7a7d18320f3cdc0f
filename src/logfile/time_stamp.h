// SPDX-License-Identifier: MIT
// Moments as files of lines and names of archives hold them, written and read back. Not: other layouts
// (go_layout.h). Called by: line_format, native_format, line_parser, rotation. Invariants: what is written
// reads back as the same moment (Iso: unless the clocks were put back in that hour); readers take exactly the
// form that is written. The part up to the second is kept per thread, so a line costs no calendar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foster {

inline constexpr std::size_t kUtcStampSize = 30;     // 2026-11-21T07:32:35.863392026Z
inline constexpr std::size_t kIsoStampSize = 29;     // 2026-11-21 07:32:35.863392026
inline constexpr std::size_t kTai64nStampSize = 25;  // @400000006b01b0f136ad1f69

// `wall`: ns since 1970. Each returns the first byte behind what it wrote.
char* PutUtcStamp(char* to, std::int64_t wall);
char* PutIsoStamp(char* to, std::int64_t wall);  // local time
// As s6 counts: TAI seconds, leap seconds included.
char* PutTai64nStamp(char* to, std::int64_t wall);
std::string Tai64nStamp(std::int64_t wall);

// `text` is the stamp and nothing else.
std::optional<std::int64_t> ReadUtcStamp(std::string_view text);
std::optional<std::int64_t> ReadIsoStamp(std::string_view text);
std::optional<std::int64_t> ReadTai64nStamp(std::string_view text);
// RFC 3339 as others write it: any number of digits (up to 9 count), Z or an offset, 't' or ' ' for 'T'.
std::optional<std::int64_t> ReadRfc3339(std::string_view text);

// Decimal digits; PutDigits writes exactly `digits` of them.
inline constexpr std::size_t kNumberSize = 20;
char* PutNumber(char* to, std::uint64_t value);
char* PutDigits(char* to, std::uint64_t value, int digits);
// All of `text`, without needless zeros in front.
std::optional<std::uint64_t> ReadNumber(std::string_view text);

}  // namespace foster
