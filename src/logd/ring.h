// SPDX-License-Identifier: MIT
// Ring: how much of one slot stays in the arena: the old end of both streams and of their index is dropped so
// that neither takes more than was asked for. Not: deciding who may make whom wait (the floors say it).
// Called by: intake. Invariants: nothing at or behind a floor is dropped; an entry goes with the last byte it
// tells of; readers are told before bytes go; a tail stands on the beginning of a line where one is near, and
// the byte before it stays readable.
#pragma once

#include <cstdint>

#include "logd/line_source.h"
#include "sys/log_table.h"

namespace foster {

inline constexpr std::uint64_t kNoFloor = UINT64_MAX;

class Ring {
 public:
  // `bytes`: of each stream; the index counts for both.
  Ring(LogTable& table, std::uint32_t slot, std::uint64_t bytes = kDefaultRingBytes);

  void Resize(std::uint64_t bytes) { bytes_ = bytes; }
  // Drops what is too much. `floors`: what lies behind them is still needed.
  void Trim(const LogPositions& floors);
  // What may be put into the stream now; 0 = the service has to wait.
  std::uint64_t Room(std::uint32_t stream) const;
  // The arena has no memory: gives up three quarters of what lies before the floors.
  void Shrink(const LogPositions& floors);
  // Everything that is announced goes.
  void Empty();
  // What both streams and the index keep.
  std::uint64_t Kept() const;

 private:
  LogStream& Stream(std::uint32_t stream) const { return slot().streams[stream]; }
  LogSlot& slot() const { return table_.header().slots[number_]; }
  std::uint64_t Slack() const;
  std::uint64_t Data(std::uint32_t stream) const;
  std::uint64_t IndexBytes() const;
  std::uint64_t LineBegin(std::uint32_t stream, std::uint64_t from, std::uint64_t limit) const;
  void MoveTail(std::uint32_t stream, std::uint64_t tail);
  void DropEntries(const LogPositions& floors, std::uint64_t most_bytes);
  void Punch(std::uint32_t stream, std::uint64_t until, std::uint64_t* punched);

  LogTable& table_;
  const std::uint32_t number_;
  std::uint64_t bytes_;
  std::uint64_t punched_[kLogStreams] = {};
  std::uint64_t index_punched_ = 0;
};

}  // namespace foster
