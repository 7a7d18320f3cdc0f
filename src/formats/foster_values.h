// SPDX-License-Identifier: MIT
// Single values as foster's own dialect writes them: durations, sizes, addresses, keys, times. Not: keys of a
// map (foster_yaml.h). Called by: foster_yaml*.cc. Invariant: pure but for
// TimeZoneFault; an error's text says what the value is
// not, what is allowed is the caller's hint.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "foster/probe.h"

namespace foster {

struct HostPort {
  std::string host;  // "" = all addresses (written "*" or nothing before the ':')
  std::uint16_t port = 0;
};

// "250ms", "5s", "1m30s", "2h", "1d", "0", "never" (kForever).
Result<Millis> ParseDuration(std::string_view text);
// "64M", "512K", "2GiB", "1024": powers of 1024.
Result<std::uint64_t> ParseSize(std::string_view text);
// A whole number of decimal digits, within the bounds.
Result<std::int64_t> ParseNumber(std::string_view text, std::int64_t least, std::int64_t most);
// "1.5" -> 150; at most two decimals.
Result<std::uint32_t> ParseHundredths(std::string_view text);
// "8080" (host: `otherwise`), "127.0.0.1:8080", "[::1]:80", "*:80".
Result<HostPort> ParseHostPort(std::string_view text, const std::string& otherwise);
// "http://host:port/path", https likewise: fills tls, host, port and path.
Result<void> ParseUrl(std::string_view text, Probe* probe);
// "^C", "\x03", "\n", "\e", "\\", "\^": the bytes.
Result<std::string> ParseKeys(std::string_view text);
// RFC 3339: "2026-12-24T18:00:00Z", "2026-12-24T18:00:00+09:00".
Result<WallNanos> ParseWallTime(std::string_view text);
// Why there is no such time zone; "" = there is one, or this machine has no list of them.
std::string TimeZoneFault(const std::string& name);

}  // namespace foster
