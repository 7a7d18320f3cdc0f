// SPDX-License-Identifier: MIT
// FileSink: a service's lines into a file, rotated and compressed as LogRotation says. Not: the step itself
// (file_step.h), the open file (file_target.h), archives (rotation.h). Called by: SinkThread, through Sink;
// tests. Invariants: a file passes max_bytes by one line at most; while it cannot be written nothing is torn,
// and what the rings had to drop meanwhile is told of exactly where it is missing.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/result.h"
#include "logd/file_target.h"
#include "logd/line_text.h"
#include "logd/sink.h"

namespace foster {

class FileSink : public Sink {
 public:
  explicit FileSink(SinkPlace place);

  std::string Group() const override { return file_->group(); }
  MonoTime Work(const Turn& turn) override;
  void Rotate() override { is_rotate_wanted_.store(true); }
  void Reopen() override { is_reopen_wanted_.store(true); }
  void StartedAnew() override { is_new_life_.store(true); }
  bool CanBlock() const override { return can_block_.load(std::memory_order_acquire); }
  // Between two turns, everything written and compressed. For tests.
  bool IsAtRest() const { return is_at_rest_.load(std::memory_order_acquire); }

 private:
  Result<void> DoTurn(const Turn& turn, bool* has_more);
  Result<void> Prepare();
  void BeginFile();
  Result<void> StartOver();
  void RotateIfDue(const Turn& turn);
  bool IsDue(std::int64_t wall) const;
  Result<void> RotateNow(std::int64_t wall);
  void DropOld(std::int64_t wall);
  void TakeJob();
  void NextJob();

  Result<void> Write(const Turn& turn, bool* has_more);
  int RawStream(std::uint64_t* limit) const;
  Result<bool> WriteRaw(const Turn& turn, std::uint32_t stream, std::uint64_t limit, bool* has_more);
  Result<void> WriteText(const Turn& turn, bool* has_more);
  Result<void> WriteStaged(std::uint32_t writer, std::string_view bytes, bool has_header,
                           const LogPositions& next, const LogPositions& more_skipped);
  Result<void> Step(const FileStep& step);
  Result<void> EndForeignRest(std::uint32_t writer, std::uint32_t stream);
  std::uint64_t CutAtLine(std::uint32_t stream, std::uint64_t from, std::uint64_t want,
                          std::uint64_t length) const;
  std::uint64_t Room() const;
  std::string SkipText() const;
  LogPositions Positions() const;

  MonoTime Failed(const Turn& turn, const Error& error);
  void Succeeded(bool has_more);
  MonoTime NextDeadline(const Turn& turn) const;
  void Publish();
  LogSinkState& state() const { return place_.state(); }
  const LogRotation& rotation() const { return place_.spec.rotation; }

  const SinkPlace place_;
  const std::array<bool, kLogStreams> takes_;
  const bool is_raw_;  // bytes go as they are
  std::shared_ptr<FileTarget> file_;
  LineSource source_;
  LineText text_;
  LineBatch batch_;
  double growth_ = 1.0;      // bytes of the file per byte of text, lately
  std::uint64_t step_room_;  // small while a disk is nearly full
  Millis retry_delay_{0};
  MonoTime retry_at_{};
  MonoTime rotate_again_at_{};  // after a rotation that failed
  bool is_closed_cleanly_ = false;
  std::atomic<bool> is_rotate_wanted_{false};
  std::atomic<bool> is_reopen_wanted_{false};
  std::atomic<bool> is_new_life_{false};
  std::atomic<bool> can_block_;
  std::atomic<bool> is_at_rest_{false};
};

}  // namespace foster
