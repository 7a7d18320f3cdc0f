// SPDX-License-Identifier: MIT
// Printer: the one thread beside logd's loop. It moves the console stream to foster's stdout and may stand in
// that system call for hours when a terminal stands still; the loop goes on draining pipes meanwhile. Not:
// rendering. Called by: the logd loop. Invariants: sendfile(2) advances console_sent itself, so that being
// killed neither loses nor doubles a byte; bytes that were sent are punched out, but only KeepBehind() later,
// for a pipe that was fed by sendfile(2) refers to the very pages. It sleeps in read(2) while there is
// nothing to send.
// Where sendfile(2) is refused, write(2) is used: O_APPEND, and everything whose file system knows no offsets
// as large as the arena's (ext4, xfs, devpts). For a regular file its extent tells a new logd how far a write
// had come (somebody else writing to it at that very moment would mislead it); on a terminal the last write,
// at most kSmallPiece, may be seen again after a kill.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "base/unique_fd.h"
#include "sys/log_table.h"

namespace foster {

class Printer {
 public:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  Printer(LogTable& table, int out) : table_(table), out_(out) {}

  // Starts the thread, which lives until the process ends: this object is never destroyed before that.
  Result<void> Start();
  // There is more to send.
  void Wake();
  // space_fd() becomes readable once console_sent has come to `position`; the caller then looks again before
  // it waits.
  void TellAt(std::uint64_t position) { tell_at_.store(position); }
  int space_fd() const { return space_.get(); }

 private:
  static constexpr std::size_t kSmallPiece = 4096;
  static constexpr std::size_t kLargePiece = 64 * 1024;

  static void* Thread(void* self);
  void WaitForWork();
  bool Send(std::size_t count);
  bool SendByWrite(std::size_t count);
  bool HandleError(int error);
  void Punch();
  std::int64_t KeepBehind() const;
  std::int64_t Sent() const { return __atomic_load_n(&table_.header().console_sent, __ATOMIC_ACQUIRE); }
  std::int64_t End() const {
    return ConsoleBase() +
           static_cast<std::int64_t>(table_.header().console_end.load(std::memory_order_acquire));
  }

  LogTable& table_;
  int out_;
  UniqueFd work_;
  UniqueFd space_;
  std::atomic<bool> is_asleep_{false};
  std::atomic<std::uint64_t> tell_at_{kNever};
  bool use_write_ = false;
  bool is_pipe_ = false;
  bool is_socket_ = false;
  std::size_t piece_ = kLargePiece;
  std::int64_t punched_ = 0;
  char buffer_[kLargePiece];
};

}  // namespace foster
