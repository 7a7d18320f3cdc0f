// SPDX-License-Identifier: MIT
// LineParser: lines of a log file back into what they tell, for reading the files of a dead foster or of any
// other tool. Not: finding or unpacking files, joining pieces (the caller does). Called by: `svc logs` on a
// directory, tests, fuzzers. Invariants: any bytes may be given; a line that is not of the file's format is
// text and nothing else; nothing is kept of earlier lines but the header's fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foster/log_spec.h"
#include "logfile/native_format.h"

namespace foster {

enum class ParsedKind : std::uint8_t {
  kText,    // a line of the service
  kHeader,  // of a foster file: header() has changed
  kSkip,    // of a foster file: bytes that were left out; `text` is the reason
};

struct ParsedLine {
  ParsedKind kind = ParsedKind::kText;
  std::optional<std::int64_t> wall;     // ns since 1970
  std::optional<std::int64_t> mono;     // ns
  std::uint64_t seq = 0;                // 0 = the format does not say
  std::uint64_t incarnation = 0;        // 0 = the format does not say
  std::optional<std::uint32_t> stream;  // 0 stdout, 1 stderr
  std::optional<std::uint32_t> replica;
  std::string_view service;  // empty = the format does not say
  bool is_continued = false;
  bool is_cut = false;
  std::uint64_t end = 0;            // position behind it in its stream
  std::uint64_t skipped_bytes = 0;  // kSkip
  std::string_view text;
};

// What the first lines of a file look like: its beginning, any number of bytes.
LogFormat DetectLogFormat(std::string_view beginning);

class LineParser {
 public:
  explicit LineParser(LogFormat format) : format_(format) {}

  // `line` without its '\n'. Views in the answer live until the next call and as long as `line` does.
  ParsedLine Parse(std::string_view line);
  // Of the file so far; empty boot = none was seen.
  const NativeHeader& header() const { return header_; }
  LogFormat format() const { return format_; }

 private:
  ParsedLine ParseNative(std::string_view line);
  ParsedLine ParseObject(std::string_view line);
  ParsedLine ParseConsole(std::string_view line);

  LogFormat format_;
  NativeHeader header_;
  std::string text_;
  std::string service_;
};

}  // namespace foster
