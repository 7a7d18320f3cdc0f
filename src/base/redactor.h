// SPDX-License-Identifier: MIT
// Redactor: takes secret values out of text before anybody sees it. Not: a guess what might be secret (it
// knows the values). Called by: logd (everything that leaves the arena), supervise (`logs` replies).
// Invariants: pure; a value of several lines is looked for line by line; values (and lines of values) shorter
// than kLeastSecret bytes are left alone, for they would hide half of every text; linear in the text's
// length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace foster {

inline constexpr std::size_t kLeastSecret = 4;
inline constexpr std::string_view kRedacted = "[redacted]";

class Redactor {
 public:
  Redactor() = default;
  explicit Redactor(const std::vector<std::string>& secrets);

  bool empty() const { return needles_.empty(); }
  // True if something was replaced: then `*out` holds the text as it may be seen, else `*out` is untouched.
  bool Redact(std::string_view text, std::string* out) const;

 private:
  std::vector<std::string> needles_;  // longest first, each once
};

}  // namespace foster
