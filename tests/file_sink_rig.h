// SPDX-License-Identifier: MIT
// Helpers of FileSink's tests: turns until it is at rest, and what is looked at then. Not: a thread. Called
// by: tests of FileSink, on one thread. Invariant: waiting has a limit of a minute.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "log_rig.h"
#include "logd/file_sink.h"
#include "sys/clock.h"

namespace foster {

inline constexpr int kTurns = 10000;
inline constexpr Millis kLimit{60000};

inline LogSink To(const std::string& path) {
  LogSink spec;
  spec.target = path;
  spec.takes_err = false;
  return spec;
}

// Works until nothing is left to do at once; what Work answered last.
inline MonoTime Settle(Sink& sink, bool flush = false, bool is_ending = false) {
  for (int i = 0; i < kTurns; ++i) {
    Sink::Turn turn;
    turn.writer = 3;
    turn.now = MonoNow();
    turn.flush = flush;
    turn.is_ending = is_ending;
    const MonoTime due = sink.Work(turn);
    if (due > turn.now) return due;
  }
  FAIL("never comes to rest");
  return {};
}

// Until `done`, working whenever the sink wants to.
template <class Condition>
bool WorkUntil(Sink& sink, Condition done) {
  for (const MonoTime limit = MonoNow() + kLimit; MonoNow() < limit; usleep(1000)) {
    (void)Settle(sink);
    if (done()) return true;
  }
  return false;
}

inline LogSinkHealth HealthOf(LogRig& rig) { return static_cast<LogSinkHealth>(rig.state().health.load()); }

inline mode_t ModeOf(const std::string& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace foster
