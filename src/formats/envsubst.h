// SPDX-License-Identifier: MIT
// process-compose's `${...}` over a whole file, before YAML is read, with a map from the result back to the
// file. Not: a shell: `$VAR` without braces stays. Called by: process-compose's reader. Invariant: pure;
// nesting is at most kMaxSubstitutionDepth, the result at most kMaxSubstitutedBytes; offsets in the result
// map into the original text.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace foster {

inline constexpr int kMaxSubstitutionDepth = 64;
inline constexpr std::size_t kMaxSubstitutedBytes = 32u << 20;

struct Substitution {
  // From `result` on, the text comes from `original` (one to one if `is_literal`, else all of it from that
  // place).
  struct Span {
    std::size_t result, original;
    bool is_literal;
  };

  std::string text;
  std::string error;  // empty = none
  std::size_t error_offset = 0;
  std::vector<Span> spans;

  std::size_t OriginalOffset(std::size_t offset) const;
};

Substitution Substitute(std::string_view text, const std::map<std::string, std::string>& environment);

}  // namespace foster
