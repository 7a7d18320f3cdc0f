// SPDX-License-Identifier: MIT
// S6Script: a logging script in s6-log's language, read into values. Not: carried out (logd/s6_sink.h).
// Called by: formats (to check it, with a place for each error), logd. Invariants: pure; accepts what
// s6-log 2.14 accepts (shared/reference/s6.md); every error of a script at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foster/time.h"

namespace foster {

inline constexpr std::size_t kMostS6Directories = 8;  // of one script: as many sizes fit into a LogSinkState

enum class S6ActionKind : std::uint8_t { kStderr, kStdout, kStatusFile, kDirectory };  // 2, 1, =file, dir

// + and - before an action: the last one that matches decides, over what was decided for the action before
// (at the start every line is selected); "f" selects what no action took so far.
struct S6Selection {
  enum class Kind : std::uint8_t { kSelect, kDeselect, kUntaken } kind = Kind::kSelect;
  std::string pattern;  // POSIX extended regular expression
  bool operator==(const S6Selection&) const = default;
};

struct S6Action {
  S6ActionKind kind = S6ActionKind::kDirectory;
  std::string target;                   // directory or status file
  std::vector<S6Selection> selections;  // given between the action before and this one
  std::string prefix;                   // pPREFIX
  bool tai64n = false;                  // t
  bool iso = false;                     // T
  std::uint32_t archives = 10;          // nN
  std::uint32_t file_size = 99999;      // sN
  std::uint64_t total_size = 0;         // SN, 0 = no limit
  std::uint32_t tolerance = 2000;       // lN
  Millis retry{2000};                   // rN
  Millis every{0};                      // RN, seconds; 0 = never
  std::uint32_t alert_size = 200;       // EN
  std::uint32_t status_size = 1001;     // ^N
  std::string processor;                // !cmd (execline) or ?cmd (sh -c)
  bool processor_is_shell = false;
  bool operator==(const S6Action&) const = default;
};

struct S6Script {
  std::vector<S6Action> actions;
  bool operator==(const S6Script&) const = default;
};

struct S6ScriptError {
  std::size_t offset = 0;  // byte in the script at which the faulty word begins
  std::string text;        // "'x3': no such directive", what is allowed
};

// Words are separated by white space; quotes as in sh ("..." and '...') keep it. A backslash outside them is
// itself, for patterns have many.
bool ParseS6Script(std::string_view text, S6Script* script, std::vector<S6ScriptError>* errors);

}  // namespace foster
