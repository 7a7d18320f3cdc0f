// SPDX-License-Identifier: MIT
#include "base/redactor.h"

#include <algorithm>
#include <cstring>

namespace foster {
namespace {

constexpr std::size_t kShifts = 4096;
constexpr std::size_t kOpeningBits = 16384;
constexpr std::uint32_t kBytes = 256;

std::size_t PairHash(const char* pair) {
  return (static_cast<unsigned char>(pair[0]) ^ static_cast<std::size_t>(static_cast<unsigned char>(pair[1]))
                                                    << 4) %
         kShifts;
}

std::size_t OpeningHash(const char* text) {
  std::uint32_t four;
  static_assert(sizeof four == kLeastSecret);
  std::memcpy(&four, text, sizeof four);
  return four * 2654435761u >> 18;  // multiplicative hashing; the upper bits are the mixed ones
}
static_assert(1u << (32 - 18) == kOpeningBits);

// The lines of all values, longest first, each once.
std::vector<std::string_view> Needles(const std::vector<std::string>& secrets) {
  std::vector<std::string_view> needles;
  for (std::string_view rest : secrets) {
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view line = rest.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.size() >= kLeastSecret) needles.push_back(line);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  std::sort(needles.begin(), needles.end());
  needles.erase(std::unique(needles.begin(), needles.end()), needles.end());
  return needles;
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& secrets) {
  const std::vector<std::string_view> needles = Needles(secrets);
  if (needles.empty()) return;
  nodes_.emplace_back();
  first_.assign(kBytes, 0);
  for (std::string_view needle : needles) Plant(needle);
  Connect();
  MakeShifts(needles);
}

std::uint32_t Redactor::Child(std::uint32_t node, unsigned char byte) const {
  if (node == 0) return first_[byte];
  std::uint32_t child = nodes_[node].child;
  while (child != 0 && nodes_[child].byte != byte) child = nodes_[child].sibling;
  return child;
}

void Redactor::Plant(std::string_view value) {
  std::uint32_t node = 0;
  for (char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    std::uint32_t next = Child(node, byte);
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      Node made;
      made.byte = byte;
      made.depth = nodes_[node].depth + 1;
      made.sibling = nodes_[node].child;
      nodes_.push_back(made);
      nodes_[node].child = next;
      if (node == 0) first_[byte] = next;
    }
    node = next;
  }
  nodes_[node].hides = static_cast<std::uint32_t>(value.size());
}

// Breadth first, for a fallback is always nearer to the root than its node.
void Redactor::Connect() {
  std::vector<std::uint32_t> queue{0};
  queue.reserve(nodes_.size());
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const std::uint32_t parent = queue[i];
    for (std::uint32_t child = nodes_[parent].child; child != 0; child = nodes_[child].sibling) {
      Node& node = nodes_[child];
      if (parent != 0) node.fallback = Next(nodes_[parent].fallback, node.byte);
      node.hides = std::max(node.hides, nodes_[node.fallback].hides);
      queue.push_back(child);
    }
  }
}

std::uint32_t Redactor::Next(std::uint32_t node, unsigned char byte) const {
  for (;; node = nodes_[node].fallback) {
    const std::uint32_t child = Child(node, byte);
    if (child != 0 || node == 0) return child;
  }
}

void Redactor::MakeShifts(const std::vector<std::string_view>& values) {
  window_ = 255;
  for (std::string_view value : values) window_ = std::min(window_, value.size());
  shifts_.assign(kShifts, static_cast<std::uint8_t>(window_ - 1));
  openings_.assign(kOpeningBits / 64, 0);
  for (std::string_view value : values) {
    for (std::size_t i = 1; i < window_; ++i) {
      std::uint8_t& shift = shifts_[PairHash(&value[i - 1])];
      shift = std::min(shift, static_cast<std::uint8_t>(window_ - 1 - i));
    }
    const std::size_t hash = OpeningHash(value.data());
    openings_[hash / 64] |= 1ull << (hash % 64);
  }
}

// The next place at or after `from` where a value may begin; text.size() if there is none.
std::size_t Redactor::NextBeginning(std::string_view text, std::size_t from) const {
  while (text.size() - from >= window_) {
    const std::size_t shift = shifts_[PairHash(text.data() + from + window_ - 2)];
    if (shift == 0) {
      const std::size_t hash = OpeningHash(text.data() + from);
      if (openings_[hash / 64] >> (hash % 64) & 1) return from;
    }
    from += std::max<std::size_t>(shift, 1);
  }
  return text.size();
}

// Reads on from `from` until the bytes read end with the beginning of no value, or of a very short piece of
// one: jumping is faster then. Returns where jumping goes on; always behind `from`, and at least half of what
// was read is read only once.
std::size_t Redactor::Search(std::string_view text, std::size_t from, std::vector<Span>* found) const {
  std::uint32_t node = 0;
  for (std::size_t i = from; i < text.size(); ++i) {
    node = Next(node, static_cast<unsigned char>(text[i]));
    const std::size_t end = i + 1;
    if (nodes_[node].hides > 0) {
      Span span{end - nodes_[node].hides, end};
      while (!found->empty() && found->back().end > span.begin) {
        span.begin = std::min(span.begin, found->back().begin);
        found->pop_back();
      }
      found->push_back(span);
    }
    if (nodes_[node].depth <= std::min<std::size_t>(1, i - from)) return end - nodes_[node].depth;
  }
  return text.size();
}

bool Redactor::Redact(std::string_view text, std::string* out) const {
  if (empty()) return false;
  std::vector<Span> found;
  for (std::size_t at = NextBeginning(text, 0); at < text.size();)
    at = NextBeginning(text, Search(text, at, &found));
  if (found.empty()) return false;
  std::string hidden;
  hidden.reserve(text.size());
  std::size_t shown = 0;
  for (const Span& span : found) {
    hidden.append(text, shown, span.begin - shown).append(kRedacted);
    shown = span.end;
  }
  hidden.append(text, shown);
  *out = std::move(hidden);
  return true;
}

}  // namespace foster
