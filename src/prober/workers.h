// SPDX-License-Identifier: MIT
// Workers: threads for what may stand still in the kernel or in the resolver: names, files on dead mounts,
// /proc of processes whose memory is locked, patterns. The loop never waits for one. Not: a way to be faster.
// Called by: src/prober. Invariants: at most `threads` of them, and at most one for the same key, so one dead
// mount takes one thread however often it is asked for; `done` runs on the loop's thread; threads that never
// come back are left alone: once all stand still and something waits, StuckAt() is in the past, and the
// process is to end, for supervise starts another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "foster/time.h"
#include "sys/loop.h"

namespace foster {

class Workers {
 public:
  Workers(Loop& loop, std::size_t threads, Millis stuck_after);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // `work` in a thread, then `done` here. Whatever `work` uses must be its own (it may outlive the caller).
  std::uint64_t Start(std::string key, std::function<void()> work, std::function<void()> done);
  // `done` will not be called; `work` that has not begun will not begin.
  void Cancel(std::uint64_t id);

  // When all threads will have stood still for `stuck_after`, as far as is known now: to be asked again then.
  // kNoDeadline: nothing waits.
  MonoTime StuckAt() const;

 private:
  struct State;
  void OnFinished();
  void MakeThread();

  Loop& loop_;
  std::size_t most_;
  Millis stuck_after_;
  std::uint64_t next_ = 1;
  std::shared_ptr<State> state_;  // shared with the threads, which may outlive this
};

}  // namespace foster
