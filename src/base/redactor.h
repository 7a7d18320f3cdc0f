// SPDX-License-Identifier: MIT
// Redactor: takes secret values out of text before anybody sees it. Not: a guess what might be secret (it
// knows the values). Called by: logd (everything that leaves the arena), supervise (`logs` replies).
// Invariants: pure; a value of several lines is looked for line by line; values (and lines of values) shorter
// than kLeastSecret bytes are left alone, for they would hide half of every text; linear in the text's
// length. Every byte of every occurrence is hidden: occurrences that overlap are hidden as one.
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

  bool empty() const { return nodes_.empty(); }
  // True if something was replaced: then `*out` holds the text as it may be seen, else `*out` is untouched.
  bool Redact(std::string_view text, std::string* out) const;

 private:
  struct Span {
    std::size_t begin;
    std::size_t end;
  };
  // The values as a tree of their bytes (Aho and Corasick): node 0 is the beginning of each.
  struct Node {
    std::uint32_t child = 0;     // its first; the others are that one's siblings
    std::uint32_t sibling = 0;   // 0 = none
    std::uint32_t fallback = 0;  // the longest other beginning of a value that the bytes so far end with
    std::uint32_t depth = 0;
    std::uint32_t hides = 0;  // length of the longest value that the bytes so far end with
    unsigned char byte = 0;
  };
  std::uint32_t Child(std::uint32_t node, unsigned char byte) const;
  std::uint32_t Next(std::uint32_t node, unsigned char byte) const;
  void Plant(std::string_view value);
  void Connect();
  void MakeShifts(const std::vector<std::string_view>& values);
  std::size_t NextBeginning(std::string_view text, std::size_t from) const;
  std::size_t Search(std::string_view text, std::size_t from, std::vector<Span>* found) const;

  std::vector<Node> nodes_;
  std::vector<std::uint32_t> first_;     // node of each first byte, for node 0 has many children
  std::size_t window_ = 0;               // bytes of the shortest value
  std::vector<std::uint8_t> shifts_;     // by the last two bytes of a window: how far it may jump
  std::vector<std::uint64_t> openings_;  // bits: hashes of the first kLeastSecret bytes of values
};

}  // namespace foster
