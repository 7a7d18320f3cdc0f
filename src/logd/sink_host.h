// SPDX-License-Identifier: MIT
// SinkHost: what every slot's config asks for beside the rings: makes, keeps and ends its sinks, gives them
// to threads by their group and knows how far they have come. Not: writing anything (the sinks, on their
// threads), nor the console (feeder.h). Called by: intake and the logd loop, on the loop's thread.
// Invariants: never waits; a LogSinkState belongs to one sink at a time: the next one is made when the former
// is out of its thread's hands; a sink is found again by its identity, by a new logd and after a change of
// the config, and goes on where it was.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "logd/ring.h"
#include "logd/sink.h"
#include "logd/sink_thread.h"
#include "sys/sink_identity.h"
#include "wire/log_codec.h"

namespace foster {

inline constexpr Millis kSinkStill{2000};  // who makes no progress for so long is not waited for at the end

class SinkHost {
 public:
  using Make = std::function<std::unique_ptr<Sink>(SinkPlace)>;
  struct Change {
    std::uint32_t slot = 0;
    std::uint32_t index = 0;
    bool is_trouble = false;
  };

  SinkHost(LogTable& table, Make make) : table_(table), make_(std::move(make)) {}

  Result<void> Start();
  int progress_fd() const { return progress_.get(); }

  // Reads the slot's config and its rotate count, and does what they say.
  void Configure(std::uint32_t slot);
  // nullptr: none yet; then nothing of the slot is written anywhere.
  const LogSlotConfig* ConfigOf(std::uint32_t slot) const;
  const Redactor& RedactorOf(std::uint32_t slot) const;
  bool HasSinks(std::uint32_t slot) const;
  Mailbox& mail() { return mail_; }

  void BytesCame(std::uint32_t slot) { WakeAll(slot, false); }
  // Nothing more comes for now: the rests without '\n' are to go, too.
  void Flush(std::uint32_t slot) { WakeAll(slot, true); }
  // What is needed of the slot by sinks that may make its service wait.
  LogPositions Floors(std::uint32_t slot) const;

  // From now on it is looked at who makes progress.
  void BeginWait(std::uint32_t slot, MonoTime now);
  // Its sinks have everything, or are not worth waiting for. `*next`: not later than when to ask again.
  bool IsDone(std::uint32_t slot, MonoTime now, MonoTime* next);
  bool IsAllDone(MonoTime now, MonoTime* next);
  // Its sinks end. / They have (or hang, and then never touch what the slot's next sinks use).
  void Leave(std::uint32_t slot, MonoTime now);
  bool HasLeft(std::uint32_t slot, MonoTime now, MonoTime* next);

  void Reopen();
  void StartAnew(std::uint32_t slot);
  void SetEnding(MonoTime now);
  // Every sink has had its last turn; one that hangs is not waited for. `*next`: when to ask again.
  bool HaveEnded(MonoTime now, MonoTime* next) const;

  // Once per turn of the loop.
  void Turn(MonoTime now);
  std::vector<Change> TakeChanges() { return std::move(changes_); }
  MonoTime Deadline() const { return health_due_; }

 private:
  enum class Reason { kFirst, kChange, kRetry };
  struct Worker {
    Worker(std::uint32_t writer, int progress) : thread(writer, progress) {}
    SinkThread thread;
    std::size_t sinks = 0;  // that it has, or cannot let go of
  };
  struct Running {
    std::shared_ptr<Sink> sink;
    Worker* worker = nullptr;
  };
  struct Served {
    std::uint64_t identity = 0;
    std::uint32_t index = 0;
    LogSink spec;
    Running running;
    Running former;  // in whose place `running` comes once it is gone
    bool is_due = false;
    bool was_bad = false;
    LogPositions seen{};
    MonoTime moved_at{};
  };
  struct Ending {
    std::uint32_t index = 0;
    Running former;
  };
  struct Slot {
    std::unique_ptr<LogSlotConfig> config;
    Redactor redactor;
    std::vector<Served> served;
    std::vector<Ending> ending;
    bool is_incomplete = false;  // a sink waits for a free state
    bool is_leaving = false;
    MonoTime leave_at{};
  };

  LogSinkState& State(std::uint32_t slot, std::uint32_t index) const {
    return table_.header().slots[slot].sinks[index];
  }
  static bool IsBad(const LogSinkState& state);
  void WakeAll(std::uint32_t slot, bool flush);
  void Apply(std::uint32_t number, Reason reason);
  void FreeUnused(std::uint32_t number, const std::vector<std::uint64_t>& wanted);
  int Claim(std::uint32_t number, std::uint64_t identity, bool is_fresh);
  bool IsTaken(std::uint32_t number, std::uint32_t index) const;
  void Fill(std::uint32_t number, std::uint32_t index, std::uint64_t identity, bool is_fresh);
  void Replace(Served& served, const LogSink& spec);
  void Settle(std::uint32_t number);
  bool LetGo(Running* former);
  void MakeSink(std::uint32_t number, Served& served);
  Worker* WorkerFor(const std::string& group);
  void RotateIfAsked(std::uint32_t number);
  bool HasAll(std::uint32_t number, Served& served, MonoTime now) const;
  void CheckHealth();
  Slot* Find(std::uint32_t slot) const;

  LogTable& table_;
  Make make_;
  UniqueFd progress_;
  Mailbox mail_;
  std::map<std::uint32_t, std::unique_ptr<Slot>> slots_;
  std::vector<std::unique_ptr<Worker>> workers_;
  MonoTime ending_at_{};
  std::map<std::string, Worker*> groups_;
  std::set<std::uint32_t> unsettled_;                        // slots with sinks that come or go
  std::vector<std::pair<std::uint32_t, Ending>> abandoned_;  // that hang, of slots that were freed
  std::vector<Change> changes_;
  MonoTime checked_at_{};
  MonoTime health_due_ = kNoDeadline;
};

}  // namespace foster
