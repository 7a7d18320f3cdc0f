// SPDX-License-Identifier: MIT
// FormatLine: one line of a service as a file of each LogFormat holds it. Not: prefixes for foster's stdout
// (logd/prefix.h), nor reading (line_parser.h). Called by: logd's sinks. Invariants: pure: the same line
// gives the same bytes, in any process; whatever bytes a line has, one line comes out (JSON formats replace
// what is no UTF-8).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "foster/log_spec.h"

namespace foster {

struct FormatLineInput {
  std::string_view service;  // full name
  std::uint32_t replica = 0;
  std::uint32_t stream = 0;   // 0 stdout, 1 stderr
  bool is_continued = false;  // goes on with a line whose beginning was written before
  bool is_cut = false;        // without its '\n'
  std::uint64_t seq = 0;
  std::int64_t wall = 0;  // ns since 1970
  std::int64_t mono = 0;  // ns
  std::uint64_t incarnation = 0;
  std::uint64_t end = 0;  // position behind it in its stream
  std::string_view text;  // without '\n'
};

// Appends to `*out`, '\n' included (kRaw, kTai64n, kIso: only where the line has its own or is_cut is
// followed by a line of its own, as s6-log does).
void FormatLine(const FormatLineInput& line, LogFormat format, const LogFormatOptions& options,
                std::string* out);

}  // namespace foster
