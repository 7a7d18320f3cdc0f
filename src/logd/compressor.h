// SPDX-License-Identifier: MIT
// Compressor: the one thread of logd that makes compressed copies of archives, at the lowest priority. Not:
// names of archives (rotation.h): it writes where it is told to and hands back. Called by: FileSink.
// Invariants: never touches a finished archive; what it hands back is complete and on the disk; the process
// may end at any moment.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/unique_fd.h"
#include "foster/log_spec.h"

namespace foster {

struct CompressJob {
  enum class Stage : int { kWaiting, kDone, kFailed };
  UniqueFd from;            // open as long as the job lives, so that `inode` is nobody else's
  std::uint64_t inode = 0;  // of `from`
  std::string to;           // made anew
  LogCompression how = LogCompression::kNone;
  std::function<void()> on_end;  // called on the compressor's thread
  std::atomic<bool> is_unwanted{false};
  std::atomic<Stage> stage{Stage::kWaiting};
  int error = 0;  // of kFailed
};

class Compressor {
 public:
  // The process's own; its thread starts with the first job and is never joined.
  static Compressor& Shared();
  // One file has one job at a time, so there are no more than files.
  void Add(std::shared_ptr<CompressJob> job);

 private:
  void Serve();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<CompressJob>> jobs_;
  bool is_running_ = false;
};

}  // namespace foster
