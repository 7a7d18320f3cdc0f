// SPDX-License-Identifier: MIT
// S6Directory: one directory as s6-log keeps it: `lock`, `current` (0644 while it is written, 0744 once it
// was closed in order), archives @TAI64N.s and .u (closed by somebody who was killed, or its processor
// failed), and, while one is made, `previous`, `processed`, `newstate`; `state` is the processor's. Not:
// which lines go where (s6_sink.h). Called by: S6Sink, on its thread. Invariants: killed between any two
// calls, the next one that opens it, s6-log or this, goes on and no byte is lost or there twice; a processor
// holds up nobody but its own directory's next rotation.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/time.h"
#include "logd/s6_processor.h"
#include "model/s6_script.h"

namespace foster {

class S6Directory {
 public:
  explicit S6Directory(S6Action action) : action_(std::move(action)) {}
  ~S6Directory();
  S6Directory(const S6Directory&) = delete;
  S6Directory& operator=(const S6Directory&) = delete;

  const S6Action& action() const { return action_; }
  // `is_ours`: `current` was left by an earlier logd that knew what it had written. `on_processed` is called
  // on another thread: Rotate has something to do again.
  Result<void> Open(bool is_ours, std::function<void()> on_processed);
  bool is_open() const { return static_cast<bool>(current_); }
  std::uint64_t size() const { return size_; }

  // Behind what there is. After an error a part of it may stand there: TakeBack.
  Result<void> Append(std::string_view bytes);
  // Puts `current` back to `size`, where it has at most `most` bytes more.
  Result<void> TakeBack(std::uint64_t size, std::uint64_t most);

  // What `current` may grow to; a line that is longer is alone in it.
  std::uint64_t most() const { return action_.file_size + (has_previous_ ? action_.tolerance : 0); }
  // `current` has its size, or its time has come.
  bool IsDue(MonoTime now) const;
  // Goes on with whatever is to be done: an archive, a processor that has ended, and, if `is_wanted` or
  // IsDue, `current`. Error: tried again by the next call, not before retry_at().
  Result<void> Rotate(bool is_wanted, MonoTime now);
  // A rotation is not finished: its processor runs, or is to be tried again.
  bool is_rotating() const { return has_previous_; }
  // When Rotate is to be called again although nothing happened.
  MonoTime Deadline() const;
  std::uint64_t rotations() const { return rotations_; }

  // In order: whoever opens it next goes on with `current`. A processor is ended.
  void Close();

 private:
  std::string Path(std::string_view name) const { return action_.target + "/" + std::string(name); }
  Result<void> Lock();
  void Unlock();
  Result<void> TidyProcessed();
  Result<void> OpenCurrent();
  Result<void> MoveCurrent();
  Result<void> FinishPrevious(MonoTime now);
  Result<void> StartProcessor(MonoTime now);
  Result<void> TakeProcessed();
  Result<void> GiveUpOn(MonoTime now);
  Result<void> Archive(const std::string& name, char suffix);
  Result<void> Trim();
  void ListUnprocessed();
  void TakeUnprocessed();

  const S6Action action_;
  std::function<void()> on_processed_;
  UniqueFd lock_;
  std::uint64_t lock_device_ = 0;
  std::uint64_t lock_inode_ = 0;
  UniqueFd current_;
  std::uint64_t size_ = 0;
  MonoTime begun_{};  // when `current` got its first line, as far as known
  bool has_previous_ = false;
  std::string stamp_;                     // `previous` was this .u archive
  std::vector<std::string> unprocessed_;  // .u archives that are still to be tried, the newest first
  std::shared_ptr<S6Processor> processor_;
  int failures_ = 0;  // of the processor with this `previous`
  MonoTime retry_at_{};
  std::uint64_t rotations_ = 0;
};

// @ and 24 hexadecimal digits, .s or .u
bool IsS6Archive(std::string_view name);

}  // namespace foster
