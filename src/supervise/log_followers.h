// SPDX-License-Identifier: MIT
// LogFollowers: log lines for the clients that follow: read from the log memories when logd's bell rings, a
// few of each service in turn, so that one that floods does not stand in the way of the others. Not: logd,
// nor the answer to `logs` (log_reply.h). Called by: Supervisor (the bell, changes of the plan), methods.
// Invariants: a client that reads slowly is served later from the memories instead of filling ours; of a slot
// that nobody follows logd does not ring; a turn of the loop spends about kLogSlice here.
#pragma once

#include <string>
#include <vector>

#include "supervise/control_server.h"
#include "supervise/engine_driver.h"
#include "supervise/log_records.h"
#include "supervise/logs.h"
#include "supervise/planner.h"

namespace foster {

class LogFollowers {
 public:
  LogFollowers(ControlServer& server, const EngineDriver& driver, const Planner& planner, Logs& logs,
               Timers& timers)
      : server_(server), driver_(driver), planner_(planner), logs_(logs), timers_(timers) {}

  // From now on, with `follow` filled in.
  void Begin(Connection& connection, LogFollow follow);
  // Who follows what may have changed: a connection began or ended, services came or went.
  void Renew();
  void OnBell();
  LogRedactors& redactors() { return redactors_; }

 private:
  enum class Outcome { kAll, kMore, kBehind };  // kBehind: the client is
  std::vector<std::string> NamesFor(const std::vector<std::string>& patterns) const;
  void Resolve(LogFollow& follow) const;
  Outcome Serve(Connection& connection);
  bool ServeSlot(Connection& connection, int slot, const std::string& name);
  void Later();

  ControlServer& server_;
  const EngineDriver& driver_;
  const Planner& planner_;
  Logs& logs_;
  Timers& timers_;
  LogRedactors redactors_;
  bool again_ = false;
};

}  // namespace foster
