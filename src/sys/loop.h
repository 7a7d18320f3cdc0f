// SPDX-License-Identifier: MIT
// Loop: waits for fds and for one point in time, and calls back. libuv is behind it, in loop.cc alone.
// Not: a process or signal watcher (init does those), nor a thread pool. Called by: supervise.
// Invariants: one callback per fd; an fd is unwatched before it is closed; callbacks may watch and unwatch
// anything, themselves included; with nothing ready and no timer the loop sleeps without wake-ups.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "foster/time.h"

namespace foster {

inline constexpr unsigned kReadable = 1;
inline constexpr unsigned kWritable = 2;

class Loop {
 public:
  using OnReady = std::function<void(unsigned ready)>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Calls `on_ready` while `fd` is ready for any of `interest`. An error or a hang-up counts as ready for all
  // of it.
  Result<void> Watch(int fd, unsigned interest, OnReady on_ready);
  // Another interest for a watched fd; nothing happens when it is the same.
  void Change(int fd, unsigned interest);
  void Unwatch(int fd);

  // The one timer: calls `on_timer` once at `when`; kNoDeadline disarms. Replaces what was set before.
  void SetTimer(MonoTime when, std::function<void()> on_timer);

  // Calls `on_turn` before every callback and before every sleep. It may set timers and change watches.
  void OnTurn(std::function<void()> on_turn);

  void Run();  // until Stop()
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace foster
