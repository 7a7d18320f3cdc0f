// SPDX-License-Identifier: MIT
// Intake: logd's side of the pipes: reads them into the arena as long as the slot's ring has room, lets the
// service wait when it has none, and has the ring trimmed. Not: rendering (feeder.h), sinks (sink_host.h),
// waiting for events (logd.cc). Called by: the logd loop. Invariants: a pipe that has to wait is not watched,
// so nothing spins; a slot without a config is taken in until its ring is full, and nothing of it is dropped.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "foster/time.h"
#include "logd/feeder.h"
#include "logd/ring.h"
#include "logd/sink_host.h"
#include "logd/stream.h"
#include "sys/log_table.h"

namespace foster {

class Intake {
 public:
  Intake(LogTable& table, SinkHost& host, Feeder& feeder)
      : table_(table), host_(host), feeder_(feeder), streams_(kLogSlots * kLogStreams), rings_(kLogSlots) {}

  // Epoll ids below kLogSlots * kLogStreams are streams.
  void UseEpoll(int epoll) { epoll_ = epoll; }
  // Slots that an earlier logd has worked on.
  void TakeUpAll();
  // `ready`: pipes and other things that have something in this turn.
  void BeginTurn(int ready);
  void OnReadable(std::uint32_t id, MonoTime now);
  // Its pipe from now on; the one before is read empty first.
  void AddPipe(std::uint32_t slot, std::uint32_t stream, UniqueFd pipe, MonoTime now);
  // Its config, or its rotate count, has changed.
  void Configure(std::uint32_t slot);

  // Reads the slot's pipes empty, whether anybody keeps up or not (what they hold is bounded), and has the
  // rests flushed, too.
  void Flush(std::uint32_t slot, MonoTime now);
  void FlushAll(MonoTime now);
  // No more is read of it.
  void CloseSlot(std::uint32_t slot, bool is_dropping);
  void CloseAll();
  // Console and sinks have what came, or are not worth waiting for.
  bool IsDone(std::uint32_t slot, MonoTime now, MonoTime* next);
  bool IsAllDone(MonoTime now, MonoTime* next);
  // After CloseSlot, when it is done.
  void Forget(std::uint32_t slot);
  void EmptyRing(std::uint32_t slot);

  // Once per turn: whoever waits goes on when there is room again.
  void ResumePaused(MonoTime now);
  MonoTime Deadline() const { return retry_at_; }
  bool IsAnyPaused() const { return !paused_.empty(); }
  // Since the last call bytes came that somebody follows.
  bool TakeNews();
  void OnNoMemory(MonoTime now);

 private:
  Stream& StreamOf(std::uint32_t slot, std::uint32_t stream, MonoTime now);
  Stream* Find(std::uint32_t slot, std::uint32_t stream) const;
  Ring& RingOf(std::uint32_t slot);
  LogPositions Floors(std::uint32_t slot) const;
  bool TrimToSize(std::uint32_t slot);
  std::uint64_t MakeRoom(const Stream& s);
  void Fetch(Stream& s, MonoTime now);
  void Empty(Stream& s, MonoTime now);
  void NoteBytes(Stream& s, MonoTime now);
  bool Watch(Stream& s);
  void Pause(Stream& s);
  void Close(Stream& s);

  LogTable& table_;
  SinkHost& host_;
  Feeder& feeder_;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Stream>> streams_;  // by slot * kLogStreams + stream
  std::vector<std::unique_ptr<Ring>> rings_;
  std::vector<std::uint32_t> known_;   // slots with a ring
  std::set<std::uint32_t> oversized_;  // slots whose rings were made smaller
  std::vector<Stream*> paused_;
  std::size_t turn_bytes_ = 0;
  bool has_news_ = false;
  MonoTime warn_again_at_{};
  MonoTime retry_at_ = kNoDeadline;
};

}  // namespace foster
