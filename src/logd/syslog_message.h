// SPDX-License-Identifier: MIT
// SyslogMessage: a line as RFC 5424 has it. Not: sending (syslog_socket.h). Called by: the syslog sink.
// Invariants: pure; never longer than asked for: what does not fit is cut between two characters and the
// message says how much is missing; control bytes are written #ooo, as rsyslog does; valid UTF-8 beyond ASCII
// begins with a BOM, as the RFC wants it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "logd/line_source.h"

namespace foster {

struct SyslogOrigin {
  std::string host;
  std::string service;  // full name; bytes that APP-NAME cannot have become '_'
  std::uint32_t facility = 3;
};

// At most `most` bytes (at least 512). PRI: the level that the line gives itself; else stdout is
// informational, stderr a warning.
std::string SyslogMessage(const SyslogOrigin& origin, const SourceLine& line, std::size_t most);
// Says that so many bytes were left out before the next message.
std::string SyslogSkipMessage(const SyslogOrigin& origin, std::uint64_t bytes, std::int64_t wall);

}  // namespace foster
