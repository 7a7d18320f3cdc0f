// SPDX-License-Identifier: MIT
// LogFollowers: log lines for the clients that follow: read from the log memories when logd's bell rings.
// Not: logd. Called by: Supervisor (the bell), methods_logs.cc. Invariant: a client that reads slowly is
// served later from the memories instead of filling ours; nobody follows: logd does not ring.
#pragma once

#include <string>
#include <vector>

#include "supervise/control_server.h"
#include "supervise/engine_driver.h"
#include "supervise/logs.h"
#include "supervise/planner.h"

namespace foster {

// Records of lines that were read together; `behind` is the cursor behind all of them. Each record gets the
// cursor behind itself, so that a client can go on after any of them.
std::vector<LogRecord> RecordsOf(const std::string& name, const std::vector<LogLine>& lines,
                                 const LogCursor& behind);

class LogFollowers {
 public:
  LogFollowers(ControlServer& server, const EngineDriver& driver, const Planner& planner, Logs& logs,
               Timers& timers)
      : server_(server), driver_(driver), planner_(planner), logs_(logs), timers_(timers) {}

  // After a connection began or ended to follow.
  void Count();
  void OnBell();
  // Services that the patterns mean now; unknown patterns mean none.
  std::vector<std::string> NamesFor(const std::vector<std::string>& patterns) const;

 private:
  bool Serve(Connection& connection);

  ControlServer& server_;
  const EngineDriver& driver_;
  const Planner& planner_;
  Logs& logs_;
  Timers& timers_;
  bool again_ = false;
};

}  // namespace foster
