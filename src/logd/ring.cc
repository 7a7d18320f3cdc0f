// SPDX-License-Identifier: MIT
#include "logd/ring.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace foster {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kMostSlack = 64 * 1024;
// What lies a little before a tail may not have been punched out before logd was killed.
constexpr std::uint64_t kPunchAgain = 16ull << 20;

std::uint64_t PageBelow(std::uint64_t position) { return position & ~(kPage - 1); }
std::uint64_t Less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

Ring::Ring(LogTable& table, std::uint32_t slot_number, std::uint64_t bytes)
    : table_(table), number_(slot_number), bytes_(bytes) {
  for (std::uint32_t s = 0; s < kLogStreams; ++s)
    punched_[s] = PageBelow(Less(Stream(s).tail.load(), kPunchAgain));
  index_punched_ = PageBelow(Less(slot().index_tail.load() * sizeof(LogIndexEntry), kPunchAgain));
}

// So much is dropped at once, so that it is not done for every line; and a pipe brings no more than this.
std::uint64_t Ring::Slack() const { return std::min(kMostSlack, bytes_ / 4); }

std::uint64_t Ring::Data(std::uint32_t stream) const {
  return Stream(stream).indexed.load(std::memory_order_relaxed) -
         Stream(stream).tail.load(std::memory_order_relaxed);
}

std::uint64_t Ring::IndexBytes() const {
  return (slot().index_end.load(std::memory_order_relaxed) -
          slot().index_tail.load(std::memory_order_relaxed)) *
         sizeof(LogIndexEntry);
}

std::uint64_t Ring::Room(std::uint32_t stream) const {
  const std::uint64_t used = Data(stream) + IndexBytes();
  if (used + Slack() > bytes_) return 0;
  return bytes_ - used;
}

std::uint64_t Ring::Kept() const { return Data(0) + Data(1) + IndexBytes(); }

void Ring::Trim(const LogPositions& floors) {
  const std::uint64_t slack = Slack();
  if (IndexBytes() > bytes_ / 2) DropEntries(floors, bytes_ / 2 - slack / 2);
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    if (Data(s) + IndexBytes() + slack <= bytes_) continue;
    const LogStream& stream = Stream(s);
    const std::uint64_t keep = Less(bytes_ - 2 * slack, IndexBytes());
    const std::uint64_t limit = std::min(floors[s], stream.indexed.load());
    const std::uint64_t goal = std::min(stream.indexed.load() - std::min(keep, Data(s)), limit);
    // A slow taker moves the floor by little; to follow every step would cost more than it frees.
    if (goal > stream.tail.load() + slack / 4) MoveTail(s, LineBegin(s, goal, limit));
  }
  DropEntries(floors, kNoFloor);
}

// Entries whose bytes are gone; and, while the index has more than `most_bytes`, the oldest ones with their
// bytes: a stream that is silent must not hold the entries of the other one for ever.
void Ring::DropEntries(const LogPositions& floors, std::uint64_t most_bytes) {
  std::array<LogIndexEntry, 64> entries;
  LogPositions tails{Stream(0).tail.load(), Stream(1).tail.load()};
  const std::uint64_t end = slot().index_end.load();
  std::uint64_t tail = slot().index_tail.load();
  for (bool may_go = true; may_go && tail < end;) {
    const std::size_t count = std::min<std::uint64_t>(entries.size(), end - tail);
    const std::int64_t offset =
        ArenaBase(number_, kIndexStream) + static_cast<std::int64_t>(tail * sizeof(LogIndexEntry));
    const auto size = static_cast<ssize_t>(count * sizeof(LogIndexEntry));
    if (pread(table_.arena_fd(), entries.data(), static_cast<std::size_t>(size), offset) != size) break;
    for (std::size_t i = 0; i < count && may_go; ++i) {
      const bool is_forced = (end - tail) * sizeof(LogIndexEntry) > most_bytes;
      for (std::uint32_t s = 0; s < kLogStreams; ++s)
        may_go = may_go && entries[i].ends[s] <= (is_forced ? floors[s] : tails[s]);
      if (!may_go) break;
      for (std::uint32_t s = 0; s < kLogStreams; ++s) tails[s] = std::max(tails[s], entries[i].ends[s]);
      ++tail;
    }
  }
  for (std::uint32_t s = 0; s < kLogStreams; ++s)
    if (tails[s] > Stream(s).tail.load()) MoveTail(s, tails[s]);
  if (tail == slot().index_tail.load()) return;
  slot().index_tail.store(tail, std::memory_order_seq_cst);
  Punch(kIndexStream, PageBelow(tail * sizeof(LogIndexEntry)), &index_punched_);
}

// Where the first line begins at or behind `from`; `from` itself when none does in reach.
std::uint64_t Ring::LineBegin(std::uint32_t stream, std::uint64_t from, std::uint64_t limit) const {
  char buffer[kPage];
  const std::uint64_t most = std::min(limit, from + Slack() / 2);
  for (std::uint64_t at = from - 1; from > 0 && at < most; at += sizeof(buffer)) {
    const ssize_t got = pread(table_.arena_fd(), buffer, std::min<std::uint64_t>(sizeof(buffer), most - at),
                              ArenaBase(number_, stream) + static_cast<std::int64_t>(at));
    if (got <= 0) break;
    const void* newline = std::memchr(buffer, '\n', static_cast<std::size_t>(got));
    if (newline != nullptr)
      return at + static_cast<std::uint64_t>(static_cast<const char*>(newline) - buffer) + 1;
  }
  return from;
}

// Readers are told first.
void Ring::MoveTail(std::uint32_t stream, std::uint64_t tail) {
  Stream(stream).tail.store(tail, std::memory_order_seq_cst);
  if (tail > 0) Punch(stream, PageBelow(tail - 1), &punched_[stream]);
}

void Ring::Punch(std::uint32_t stream, std::uint64_t until, std::uint64_t* punched) {
  if (until <= *punched) return;
  // A refused punch costs memory only.
  (void)fallocate(table_.arena_fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  ArenaBase(number_, stream) + static_cast<std::int64_t>(*punched),
                  static_cast<std::int64_t>(until - *punched));
  *punched = until;
}

void Ring::Shrink(const LogPositions& floors) {
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    const std::uint64_t tail = Stream(s).tail.load();
    const std::uint64_t limit = std::min(floors[s], Stream(s).indexed.load());
    const std::uint64_t goal = limit - std::min(limit, Less(limit, tail) / 4);
    if (goal > tail) MoveTail(s, LineBegin(s, goal, limit));
  }
  DropEntries(floors, kNoFloor);
}

void Ring::Empty() {
  LogPositions ends{};
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    ends[s] = Stream(s).indexed.load();
    MoveTail(s, ends[s]);
  }
  DropEntries(ends, kNoFloor);
}

}  // namespace foster
