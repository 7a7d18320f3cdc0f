// SPDX-License-Identifier: MIT
// Progress: on a long wait, one line on the terminal that is removed again. A thread of its own draws it,
// because the caller is blocked in its question. Not: for pipes (then it does nothing). Called by: change
// verbs, reload, plan.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "cli/console.h"

namespace foster::cli {

class Progress {
 public:
  // "waiting for web ... 12s"; appears after a second.
  Progress(Console& console, std::string text);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void Draw();

  Console& console_;
  std::string text_;
  std::mutex mutex_;
  std::condition_variable done_changed_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace foster::cli
