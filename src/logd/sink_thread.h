// SPDX-License-Identifier: MIT
// SinkThread: a thread that serves the sinks of one group. Not: knowing what a sink does. Called by:
// SinkHost, on the loop's thread. Invariants: sleeps while nothing is to be done; may hang in one sink's
// system call for ever without anybody of another group noticing; ends only with the process (what hangs
// cannot be joined).
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "logd/sink.h"

namespace foster {

class SinkThread {
 public:
  // `writer` < kLogWriters: its staging area. `progress_fd`: an eventfd of the loop, rung after each piece of
  // work while wants_progress is set.
  SinkThread(std::uint32_t writer, int progress_fd) : writer_(writer), progress_fd_(progress_fd) {}

  Result<void> Start();
  void Add(std::shared_ptr<Sink> sink);
  // The sink is not used any more once this thread is between two pieces of work; `IsGone` says so.
  void Remove(const Sink* sink);
  bool IsGone(const Sink* sink) const;
  // Something came for it, or a request (Rotate, ...) was made. Cheap when it knows already.
  void Wake(const Sink* sink, bool flush = false);
  void SetEnding();
  // Every sink has had its last turn since SetEnding, and had nothing more to do at once.
  bool HasEnded() const;
  // The one that calls; nullptr outside of Sink::Work. What a sink has others do wakes it through this.
  static SinkThread* Current();
  std::atomic<bool>& wants_progress() { return wants_progress_; }

 private:
  struct Entry {
    std::shared_ptr<Sink> sink;
    MonoTime due{};
    bool is_dirty = true;
    bool flush = false;
    bool has_ended = false;
  };
  static void* Main(void* self);
  void Serve();
  void ServeOne(const Sink* key);
  void Sleep(MonoTime until);

  const std::uint32_t writer_;
  const int progress_fd_;
  std::atomic<bool> wants_progress_{false};
  mutable std::mutex mutex_;
  pthread_cond_t wake_{};
  std::map<const Sink*, Entry> entries_;
  const Sink* busy_ = nullptr;
  bool is_ending_ = false;
};

}  // namespace foster
