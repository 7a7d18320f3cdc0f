// SPDX-License-Identifier: MIT
#include "prober/log_watch.h"

#include <unistd.h>

#include <algorithm>
#include <vector>

namespace foster {

// From the chunks that were not overwritten while they were copied: entry `now` may be half written, and it
// lies where now - kLogChunks lay.
std::array<LogWatch::Range, kLogStreams> LogWatch::OwnBytes(const LogSlot& slot) const {
  const std::uint64_t head = slot.chunk_head.load(std::memory_order_acquire);
  const std::uint64_t first = head > kLogChunks ? head - kLogChunks : 0;
  std::vector<LogChunk> chunks;
  chunks.reserve(head - first);
  for (std::uint64_t i = first; i < head; ++i) chunks.push_back(slot.chunks[i % kLogChunks]);
  std::atomic_thread_fence(std::memory_order_acquire);
  const std::uint64_t now = slot.chunk_head.load(std::memory_order_acquire);
  const std::uint64_t safe = now + 1 > kLogChunks ? now + 1 - kLogChunks : 0;
  std::array<Range, kLogStreams> ranges{};
  for (std::uint64_t i = std::max(first, safe); i < head; ++i) {
    const LogChunk& chunk = chunks[i - first];
    if (chunk.incarnation != tree_.incarnation || chunk.stream >= kLogStreams) continue;
    Range& range = ranges[chunk.stream];
    if (range.end == 0) range.begin = chunk.end - std::min<std::uint64_t>(chunk.length, chunk.end);
    range.end = chunk.end;
  }
  return ranges;
}

std::optional<std::string> LogWatch::MatchLines(std::string_view bytes, std::uint64_t begin,
                                                std::uint64_t* at) {
  std::size_t from = 0;
  while (from < bytes.size()) {
    const std::string_view room = bytes.substr(from, kLookLine);
    const std::size_t newline = room.find('\n');
    std::string plain = PlainLine(room.substr(0, newline));
    if (matcher_.Matches(plain)) return plain;
    if (newline == std::string_view::npos && room.size() < kLookLine) break;  // it may still grow
    from += newline == std::string_view::npos ? room.size() : newline + 1;
  }
  *at = begin + from;
  return std::nullopt;
}

std::optional<std::string> LogWatch::LookAt(int slot, std::uint32_t stream, Range range) {
  const LogStream& s = table_->header().slots[slot].streams[stream];
  if (seen_[stream] == 0) at_[stream] = range.begin;  // later the chunks of the beginning may be gone
  const std::uint64_t begin = std::max(at_[stream], s.tail.load(std::memory_order_acquire));
  if (begin >= range.end || range.end == seen_[stream]) return std::nullopt;
  std::string bytes(std::min<std::uint64_t>(range.end - begin, kLookBytes), '\0');
  const std::int64_t base = ArenaBase(static_cast<std::uint32_t>(slot), stream);
  const ssize_t got =
      pread(table_->arena_fd(), bytes.data(), bytes.size(), base + static_cast<std::int64_t>(begin));
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  const std::uint64_t tail = s.tail.load(std::memory_order_acquire);
  const std::uint64_t gone = tail > begin ? std::min<std::uint64_t>(tail - begin, bytes.size()) : 0;
  seen_[stream] = begin + bytes.size();
  has_more_ = has_more_ || (got > 0 && seen_[stream] < range.end);
  return MatchLines(std::string_view(bytes).substr(gone), begin + gone, &at_[stream]);
}

std::optional<std::string> LogWatch::Look() {
  has_more_ = false;
  const int slot = table_->Find(tree_.name);
  if (slot < 0) return std::nullopt;
  const auto ranges = OwnBytes(table_->header().slots[slot]);
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream)
    if (auto found = LookAt(slot, stream, ranges[stream])) return found;
  return std::nullopt;
}

}  // namespace foster
