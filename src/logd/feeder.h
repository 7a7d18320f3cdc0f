// SPDX-License-Identifier: MIT
// Feeder: takes what came into the arena to the console, stream by stream in turns. Not: reading pipes and
// dropping what is too old (intake.h), printing (printer.h). Called by: intake, the logd loop. Invariants: a
// stream's lines are rendered once and in order; while stdout moves nothing of a service that is to wait for
// it is left out; what the rings have dropped before it was rendered is counted and told of; no stream takes
// more than one batch per turn; secrets are not shown.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "foster/time.h"
#include "logd/console.h"
#include "logd/sink_host.h"
#include "logd/stream.h"
#include "sys/log_table.h"

namespace foster {

inline constexpr std::uint64_t kConsoleBacklog = 768 * 1024;  // rendered, but not yet taken by stdout

class Feeder {
 public:
  struct Options {
    bool print = true;  // false: nothing is rendered
    bool colour = false;
    bool json = false;
  };
  Feeder(LogTable& table, Console& console, SinkHost& host, Options options);

  // Bytes came, or the rest of `s` is to be flushed.
  void Touch(Stream& s);
  // Forgets about `s`, which IsDone.
  void Forget(Stream& s);
  // Another name is shown: the prefixes are at least as wide.
  void SawName(std::uint32_t slot);
  // One batch of every stream that has something. True: call again, there is more that can be done at once.
  bool Work(bool is_stalled);

  // Lines that wait for their '\n' are printed as they are, and given to sinks, after a second.
  MonoTime RestDeadline() const { return rest_deadline_; }
  void FlushRests(MonoTime now);

  // Its services wait for the console.
  bool CanHold(std::uint32_t slot) const;
  bool IsDone(const Stream& s) const;
  // The console takes no more for now.
  bool IsBlocked() const { return is_blocked_; }
  bool IsOutOfMemory() const { return is_out_of_memory_; }
  // `text` as a line of foster's own on stdout looks like.
  std::string OwnLine(const std::string& text) const;

 private:
  enum class Outcome { kDone, kMore, kBlocked, kNoMemory };

  bool IsShown(std::uint32_t slot) const;
  void PrintMail();
  bool HasMail() const;
  bool PrintLetter(const Mailbox::Letter& letter);
  Outcome Step(Stream& s);
  void PassOver(Stream& s);
  bool Render(Stream& s, std::uint64_t end);
  bool RenderText(Stream& s, std::uint64_t end);
  bool RenderJson(Stream& s, std::uint64_t end);
  bool TellSkipped(Stream& s);
  void CountSkipped(Stream& s);
  void LetRest(Stream& s);
  bool EndsInsideLine(const Stream& s, std::uint64_t position) const;
  std::string_view ReadWindow(const Stream& s, std::uint64_t from, std::uint64_t to);
  std::string_view NameOf(std::uint32_t slot) const;

  LogTable& table_;
  Console& console_;
  SinkHost& host_;
  Options options_;
  std::deque<Stream*> dirty_;
  std::vector<Stream*> resting_;
  MonoTime rest_deadline_ = kNoDeadline;
  std::size_t width_;
  bool is_stalled_ = false;
  bool is_blocked_ = false;
  bool is_out_of_memory_ = false;
  std::string in_;
  std::string out_;
  std::string mail_;  // taken from the sinks' mailbox; said up to mail_at_
  std::size_t mail_at_ = 0;
};

}  // namespace foster
