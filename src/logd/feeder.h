// SPDX-License-Identifier: MIT
// Feeder: takes what came into the arena to the console, stream by stream in turns, and drops what is too
// old. Not: reading pipes or waiting (logd.cc), printing (printer.h). Called by: the logd loop. Invariants: a
// stream's lines are rendered once and in order; while stdout moves nothing is left out; while it stands
// still the oldest bytes are left out, counted, and told of; no stream takes more than one batch per turn.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "foster/time.h"
#include "logd/console.h"
#include "logd/stream.h"
#include "sys/log_table.h"

namespace foster {

class Feeder {
 public:
  struct Options {
    bool print = true;  // false: lines are only counted
    bool colour = false;
  };
  Feeder(LogTable& table, Console& console, Options options);

  // Bytes came, or the rest of `s` is to be flushed.
  void Touch(Stream& s);
  // Forgets about `s`, which IsDone.
  void Forget(Stream& s);
  // Another name is shown: the prefixes are at least as wide.
  void SawName(std::uint32_t slot);
  // One batch of every stream that has something. True: call again, there is more that can be done at once.
  bool Work(bool is_stalled);

  // Lines that wait for their '\n' are printed as they are after a second.
  MonoTime RestDeadline() const { return rest_deadline_; }
  void FlushRests(MonoTime now);

  // The service that writes to `s` has to wait.
  bool IsBehind(const Stream& s) const { return Unrendered(s) > limit_; }
  bool IsDone(const Stream& s) const;
  // The console takes no more for now.
  bool IsBlocked() const { return is_blocked_; }
  bool IsOutOfMemory() const { return is_out_of_memory_; }
  // The arena has no memory for more: gives up old bytes of the streams that keep most.
  void MakeRoom(const std::vector<std::unique_ptr<Stream>>& streams);

 private:
  enum class Outcome { kDone, kMore, kBlocked, kNoMemory };

  std::uint64_t Unrendered(const Stream& s) const;
  void UpdateLimit(bool is_stalled);
  Outcome Step(Stream& s, bool is_stalled);
  bool Render(Stream& s, std::uint64_t end);
  bool TellSkipped(Stream& s);
  void Skip(Stream& s);
  void LetRest(Stream& s);
  void Trim(Stream& s);
  void MoveTail(Stream& s, std::uint64_t tail, std::uint64_t punch_from);
  std::string_view ReadWindow(const Stream& s, std::uint64_t from, std::uint64_t to);
  std::string_view NameOf(std::uint32_t slot) const;

  LogTable& table_;
  Console& console_;
  Options options_;
  std::deque<Stream*> dirty_;
  std::vector<Stream*> resting_;
  MonoTime rest_deadline_ = kNoDeadline;
  std::uint64_t limit_ = kBacklogBytes;
  std::size_t width_;
  bool is_blocked_ = false;
  bool is_out_of_memory_ = false;
  std::string in_;
  std::string out_;
};

}  // namespace foster
