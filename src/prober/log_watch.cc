// SPDX-License-Identifier: MIT
#include "prober/log_watch.h"

#include <unistd.h>

#include <algorithm>

namespace foster {

std::optional<std::string> LogWatch::MatchLines(std::string_view bytes, std::uint64_t begin,
                                                std::uint64_t* at) {
  std::size_t from = 0;
  while (from < bytes.size()) {
    const std::string_view room = bytes.substr(from, kLookLine);
    const std::size_t newline = room.find('\n');
    std::string plain = PlainLine(room.substr(0, newline));
    if (matcher_.Matches(plain, newline != std::string_view::npos)) return plain;
    if (newline == std::string_view::npos && room.size() < kLookLine) break;  // it may still grow
    from += newline == std::string_view::npos ? room.size() : newline + 1;
  }
  *at = begin + from;
  return std::nullopt;
}

std::optional<std::string> LogWatch::LookAt(int slot, std::uint32_t stream) {
  const LogSlot& entry = table_->header().slots[slot];
  const LogStream& s = entry.streams[stream];
  const std::uint64_t begin = std::max({at_[stream], entry.begin[stream].load(), s.tail.load()});
  const std::uint64_t end = s.indexed.load(std::memory_order_acquire);
  if (begin >= end || end == seen_[stream]) return std::nullopt;
  std::string bytes(std::min<std::uint64_t>(end - begin, kLookBytes), '\0');
  const std::int64_t base = ArenaBase(static_cast<std::uint32_t>(slot), stream);
  const ssize_t got =
      pread(table_->arena_fd(), bytes.data(), bytes.size(), base + static_cast<std::int64_t>(begin));
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  const std::uint64_t tail = s.tail.load(std::memory_order_acquire);
  const std::uint64_t gone = tail > begin ? std::min<std::uint64_t>(tail - begin, bytes.size()) : 0;
  seen_[stream] = begin + bytes.size();
  has_more_ = has_more_ || (got > 0 && seen_[stream] < end);
  return MatchLines(std::string_view(bytes).substr(gone), begin + gone, &at_[stream]);
}

std::optional<std::string> LogWatch::Look() {
  has_more_ = false;
  const int slot = table_->Find(tree_.name);
  if (slot < 0) return std::nullopt;
  const auto& incarnation = table_->header().slots[slot].incarnation;
  for (std::uint32_t stream = 0; stream < kLogStreams && incarnation.load() == tree_.incarnation; ++stream)
    if (auto found = LookAt(slot, stream); found && incarnation.load() == tree_.incarnation) return found;
  return std::nullopt;
}

}  // namespace foster
