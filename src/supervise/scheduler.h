// SPDX-License-Identifier: MIT
// Scheduler: answers kSchedule: when a service is due next, on the monotonic clock, and remembers it as wall
// time for people. Not: waiting for it (the engine arms its timer), nor what follows (the core). Called by:
// Effects, Supervisor, Publisher. Invariants: a deadline is never before its wall time; what is answered
// follows the wall clock: when that is set, or the machine stood still, it is computed anew, and a time that
// was passed over meanwhile is due at once, one time.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "supervise/engine_driver.h"
#include "supervise/voice.h"
#include "sys/clock_watch.h"
#include "sys/loop.h"

namespace foster {

class Scheduler {
 public:
  Scheduler(Loop& loop, EngineDriver& driver, Voice& voice) : driver_(driver), voice_(voice), watch_(loop) {}

  void Ask(const Effect& effect, const std::string& name);
  // After a restart of supervise: the deadlines that the engine has kept.
  void Resume();
  void ComputeAnew();
  // Its goal is not up any more: the next time begins anew.
  void Changed(ServiceId id);
  void Removed(const std::string& name) { dues_.erase(name); }
  // 0 = never, or not known.
  WallNanos NextDueOf(const std::string& name) const;

 private:
  struct Due {
    WallNanos wall = 0;  // of the answer; 0 = never
    MonoTime deadline = kNoDeadline;
  };
  void Answer(ServiceId id, const std::string& name, Due due);
  Due Next(const ServiceSpec& spec, const Due& before);
  Due NextByCalendar(const ServiceSpec& spec, const Due& before);

  EngineDriver& driver_;
  Voice& voice_;
  ClockWatch watch_;
  std::map<std::string, Due> dues_;
};

}  // namespace foster
