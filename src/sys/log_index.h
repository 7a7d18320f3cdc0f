// SPDX-License-Identifier: MIT
// LogIndex: the entries of one slot's index that are there and whose bytes are announced, as of one moment;
// searching in them. Not: bytes of lines. Called by: log_reader.cc. Invariant: an entry that is punched out
// meanwhile is found out and counts as older than everything.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sys/log_reader.h"

namespace foster {

class LogIndex {
 public:
  LogIndex(const LogTable& table, std::uint32_t slot);

  std::uint64_t first() const { return first_; }
  std::uint64_t last() const { return last_; }  // behind the newest
  const LogReach& announced() const { return announced_; }
  // False: it is gone. The newest ones read stay at hand.
  bool Read(std::uint64_t number, LogIndexEntry* entry) const;
  // As Read, for who goes through them in order.
  bool ReadAhead(std::uint64_t number, LogIndexEntry* entry);
  // The first entry for which `is_behind` is true; it is true for all that follow.
  std::uint64_t Search(const std::function<bool(const LogIndexEntry&)>& is_behind) const;
  // Lines, and the position in each stream, before entry `number`.
  std::uint64_t LinesBefore(std::uint64_t number) const;
  LogReach ReachBefore(std::uint64_t number) const;

 private:
  const LogTable& table_;
  std::uint32_t slot_;
  LogReach announced_{};
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::vector<LogIndexEntry> ahead_;
  std::uint64_t ahead_first_ = 0;
};

}  // namespace foster
