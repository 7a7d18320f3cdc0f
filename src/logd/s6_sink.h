// SPDX-License-Identifier: MIT
// S6Sink: a logging script in s6-log's language, carried out for one service. Not: reading the script
// (model/s6_script.h), one directory (s6_directory.h). Called by: SinkThread, through Sink; tests.
//
// A step brings the same lines to all actions. Before it, the size of every directory's `current` is put down
// in LogSinkState, and it counts as done once all of them have everything. One that a kill, or a full disk,
// ended half way is taken back from all directories and done again, so that in directories and status files
// nothing is lost or doubled. Lines for 1 (foster's stdout, by mail to the loop) and 2 (stderr, at once or
// not at all) cannot be taken back: those that were said are counted, so that only the very one that was
// being said may be said twice; neither waits for anybody, and who could not be told is counted.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "logd/s6_directory.h"
#include "logd/s6_selector.h"
#include "logd/sink.h"

namespace foster {

class S6Sink : public Sink {
 public:
  explicit S6Sink(SinkPlace place);
  ~S6Sink() override;

  std::string Group() const override;
  MonoTime Work(const Turn& turn) override;
  void Rotate() override { is_rotate_wanted_.store(true); }
  void Reopen() override { is_reopen_wanted_.store(true); }
  bool CanBlock() const override { return can_block_.load(std::memory_order_acquire); }

 private:
  struct Saying {
    S6ActionKind kind{};
    std::int64_t wall = 0;
    std::string text;
  };
  struct Output {
    S6Directory* directory = nullptr;  // of an action that has one
    std::string text;                  // for it, in this step; the last line for a status file
    bool is_full = false;              // it takes no more before it is rotated
  };

  Result<void> DoTurn(const Turn& turn, bool* has_more);
  bool HasNew() const;
  Result<void> Open();
  void CloseAll();
  Result<void> Recover();
  Result<void> TakeBack();
  void RotateAll(MonoTime now);
  Result<void> Write(const Turn& turn, bool* has_more);
  bool AddLine(const SourceLine& line, bool is_ending);
  bool AddSkip(std::uint64_t bytes, bool is_ending);
  bool HasRoom(std::size_t bytes, bool is_ending);
  void Format(std::size_t action, std::int64_t wall, std::string_view text);
  Result<void> Step(const LogPositions& next, const LogPositions& skipped);
  Result<void> WriteStatus(const S6Action& action, const std::string& line);
  void Say();
  bool SayOnStdout(std::int64_t wall, const std::string& text);
  void Finish();
  MonoTime Failed(const Turn& turn, const Error& error);
  void Succeeded();
  MonoTime Deadline() const;
  LogPositions Positions() const;
  LogSinkState& state() const { return place_.state(); }

  const SinkPlace place_;
  bool is_script_good_ = false;
  const S6Script script_;
  S6Selector selector_;
  std::vector<std::unique_ptr<S6Directory>> directories_;
  std::vector<Output> outputs_;  // one for each action
  std::vector<Saying> said_;     // for 1 and 2, in order
  std::uint64_t unsaid_ = 0;     // lines for 1 that found no room, not yet told of
  LineSource source_;
  LineBatch batch_;
  std::vector<std::string*> lent_;  // the outputs' texts
  std::string stripped_;
  std::string redacted_;
  bool is_open_ = false;
  bool is_waiting_ = false;  // for a rotation: a directory takes no more
  MonoTime retry_at_{};
  std::atomic<bool> is_rotate_wanted_{false};
  std::atomic<bool> is_reopen_wanted_{false};
  std::atomic<bool> can_block_;
};

}  // namespace foster
