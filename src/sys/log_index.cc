// SPDX-License-Identifier: MIT
#include "sys/log_index.h"

#include <unistd.h>

#include <algorithm>

namespace foster {
namespace {

constexpr std::uint64_t kAhead = 64;  // entries that one call of the kernel brings

std::int64_t OffsetOf(std::uint32_t slot, std::uint64_t number) {
  return ArenaBase(slot, kIndexStream) + static_cast<std::int64_t>(number * sizeof(LogIndexEntry));
}

bool IsAnnounced(const LogIndexEntry& entry, const LogReach& announced) {
  return entry.stream < kLogStreams && entry.ends[entry.stream] <= announced[entry.stream];
}

}  // namespace

// Positions first: the entry of every byte that is announced is then found.
LogIndex::LogIndex(const LogTable& table, std::uint32_t slot) : table_(table), slot_(slot) {
  const LogSlot& s = table.header().slots[slot];
  for (std::uint32_t i = 0; i < kLogStreams; ++i)
    announced_[i] = s.streams[i].indexed.load(std::memory_order_acquire);
  last_ = s.index_end.load(std::memory_order_acquire);
  first_ = std::min(s.index_tail.load(std::memory_order_acquire), last_);
  LogIndexEntry entry{};
  while (last_ > first_ && Read(last_ - 1, &entry) && !IsAnnounced(entry, announced_)) --last_;
}

bool LogIndex::Read(std::uint64_t number, LogIndexEntry* entry) const {
  if (pread(table_.arena_fd(), entry, sizeof(*entry), OffsetOf(slot_, number)) != sizeof(*entry))
    return false;
  const bool is_there = table_.header().slots[slot_].index_tail.load(std::memory_order_acquire) <= number;
  return is_there && entry->stream < kLogStreams;
}

bool LogIndex::ReadAhead(std::uint64_t number, LogIndexEntry* entry) {
  if (number < ahead_first_ || number - ahead_first_ >= ahead_.size()) {
    ahead_.resize(std::min(kAhead, last_ - number));
    ahead_first_ = number;
    const ssize_t got = pread(table_.arena_fd(), ahead_.data(), ahead_.size() * sizeof(LogIndexEntry),
                              OffsetOf(slot_, number));
    ahead_.resize(got > 0 ? static_cast<std::size_t>(got) / sizeof(LogIndexEntry) : 0);
    const std::uint64_t tail = table_.header().slots[slot_].index_tail.load(std::memory_order_acquire);
    const std::uint64_t gone = tail > number ? std::min<std::uint64_t>(tail - number, ahead_.size()) : 0;
    for (std::uint64_t i = 0; i < gone; ++i) ahead_[i].stream = kLogStreams;
    if (ahead_.empty()) return false;
  }
  *entry = ahead_[number - ahead_first_];
  return entry->stream < kLogStreams;
}

std::uint64_t LogIndex::Search(const std::function<bool(const LogIndexEntry&)>& is_behind) const {
  std::uint64_t low = first_;
  std::uint64_t high = last_;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    LogIndexEntry entry{};
    if (Read(middle, &entry) && is_behind(entry)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

std::uint64_t LogIndex::LinesBefore(std::uint64_t number) const {
  LogIndexEntry entry{};
  if (number < last_ && Read(number, &entry)) return entry.lines;
  if (number > first_ && Read(number - 1, &entry)) return entry.lines + entry.newlines;
  return 0;
}

LogReach LogIndex::ReachBefore(std::uint64_t number) const {
  LogIndexEntry entry{};
  if (number >= last_) return announced_;
  if (!Read(number, &entry)) return {};
  LogReach reach{entry.ends[0], entry.ends[1]};
  reach[entry.stream] -= std::min<std::uint64_t>(entry.length, reach[entry.stream]);
  return reach;
}

}  // namespace foster
