// SPDX-License-Identifier: MIT
// S6Processor: a processor of an s6-log directory at work: stdin is `previous`, stdout `processed`, fd 4 the
// old `state`, fd 5 `newstate`, in the directory itself. Not: what becomes of its files (s6_directory.h).
// Called by: S6Directory, on its sink's thread. Invariants: nobody waits for it: a thread of its own reaps it
// and says so; it is signalled only before it is reaped; `processed` and `newstate` are new files each time,
// so one that outlived a killed logd spoils nothing.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace foster {

class S6Processor {
 public:
  enum class State { kRunning, kDone, kFailed };

  // `on_end` is called on another thread.
  static Result<std::shared_ptr<S6Processor>> Start(const std::string& directory, const std::string& command,
                                                    bool is_shell, std::function<void()> on_end);
  State state() const;
  // With all of its process group.
  void Kill();

 private:
  static void Reap(const std::shared_ptr<S6Processor>& self);

  mutable std::mutex mutex_;
  pid_t pid_ = -1;  // -1: reaped
  State state_ = State::kRunning;
  std::function<void()> on_end_;
};

}  // namespace foster
