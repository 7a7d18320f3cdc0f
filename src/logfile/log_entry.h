// SPDX-License-Identifier: MIT
// LogEntry: one line of a service as readers see it, from whatever place it came: the rings over the control
// protocol, foster's own files, other programs' files. Not: the wire's record (foster/service_status.h).
// Called by: log_directory, cli. Invariant: what is not known is 0 or empty, never guessed.
#pragma once

#include <cstdint>
#include <string>

#include "foster/time.h"

namespace foster {

struct LogEntry {
  std::string service;
  std::uint32_t stream = 0;    // 0 stdout (or unknown), 1 stderr
  bool is_continued = false;   // goes on with a line whose beginning was given before
  bool is_cut = false;         // without its '\n': goes on in the next piece, or ended so
  bool is_unfinished = false;  // a rest that comes again when it is whole
  WallNanos wall = 0;
  std::int64_t mono = 0;  // ns, of its boot
  std::uint64_t incarnation = 0;
  std::uint64_t seq = 0;            // of its service, within its boot
  std::uint64_t end = 0;            // position behind it in its stream, within its boot
  std::string boot;                 // 32 hexadecimal digits
  std::string cursor;               // of its service, behind this line
  std::uint64_t skipped = 0;        // > 0: no line; so many lines (of seq) are missing here
  std::uint64_t skipped_bytes = 0;  // > 0: no line; so many bytes were left out here
  std::string text;                 // without '\n'
};

}  // namespace foster
