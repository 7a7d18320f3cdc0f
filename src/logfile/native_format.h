// SPDX-License-Identifier: MIT
// LogFormat::kFoster: a file that keeps every field of every line, written and read back.
//
//   #foster-log 1 boot=<32 hex> began=2026-11-21T07:32:35.863392026Z service=web
//   2026-11-21T07:32:36.000000001Z 12.000000345 7 2 o 4096 text
//   #skipped 120 disk full
//
// A header stands where a boot's first line goes into a file, so one file may have several. A line: wall
// time, monotonic seconds, sequence number, incarnation, flags (o or e; + goes on with a line whose beginning
// was written before; - has no newline of its own), position behind it in its stream, text. Not: choosing
// what is written (logd). Called by: FormatLine, sinks, line_parser. Invariants: pure; readers take exactly
// what the writers write, and read back what was given; text may be any bytes but '\n'.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "logfile/line_format.h"

namespace foster {

struct NativeHeader {
  std::string boot;        // 32 hex digits: LogHeader::boot
  std::int64_t began = 0;  // of that boot, ns since 1970
  std::string service;
  bool operator==(const NativeHeader&) const = default;
};

struct NativeSkip {
  std::uint64_t bytes = 0;
  std::string_view reason;
  bool operator==(const NativeSkip&) const = default;
};

inline constexpr std::string_view kNativeHeaderStart = "#foster-log 1 ";

std::string BootText(const std::uint8_t (&boot)[16]);

// Each appends one line with its '\n'.
void AppendNativeHeader(const NativeHeader& header, std::string* out);
void AppendNativeLine(const FormatLineInput& line, std::string* out);
void AppendNativeSkip(const NativeSkip& skip, std::string* out);

// `line` without its '\n'. Views point into it.
std::optional<NativeHeader> ReadNativeHeader(std::string_view line);
std::optional<FormatLineInput> ReadNativeLine(std::string_view line);
std::optional<NativeSkip> ReadNativeSkip(std::string_view line);

}  // namespace foster
