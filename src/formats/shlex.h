// SPDX-License-Identifier: MIT
// Command lines and environment lists cut into words as supervisord's Python does it (shlex, POSIX mode), and
// one line of execline as service directories write it in `up` and `down`. Not: a shell: no $VAR, no globs.
// Called by: supervisord's and services.d's readers. Invariant: pure; an error carries the offset in the
// text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foster {

struct WordError {
  std::string text;  // empty = none
  std::size_t offset = 0;
};

// shlex.split(text): quotes, backslash; newlines are blanks, '#' is nothing special.
std::vector<std::string> SplitCommand(std::string_view text, WordError* error);

struct KeyValue {
  std::string key, value;
};

// environment=: KEY=VALUE pairs, the token after each is skipped unseen (normally a comma).
std::vector<KeyValue> SplitEnvironment(std::string_view text, WordError* error);

// Words, "quotes" with escapes, # comments to the end of a line, backslash. A block `{ }` is an error: not
// yet.
std::vector<std::string> SplitExecline(std::string_view text, WordError* error);

}  // namespace foster
