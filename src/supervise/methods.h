// SPDX-License-Identifier: MIT
// The methods of the control protocol, one file per family. Not: framing, access (control_server.h).
// Called by: Supervisor, once. Invariant: every call is answered exactly once.
#pragma once

#include <string>
#include <vector>

#include "supervise/control_server.h"
#include "supervise/ending.h"
#include "supervise/log_followers.h"
#include "supervise/matcher.h"
#include "supervise/planner.h"
#include "supervise/publisher.h"
#include "supervise/waiters.h"

namespace foster {

// What supervise knows about where it runs, for `hello`.
struct Surroundings {
  int init_pid = 0;
  bool pid1 = false;
  bool safe = false;
  bool booted = false;
  WallNanos boot_time = 0;
};

class Outfit;
class Probes;

struct MethodParts {
  ControlServer& server;
  EngineDriver& driver;
  Planner& planner;
  Publisher& publisher;
  Logs& logs;
  LogFollowers& followers;
  Waiters& waiters;
  Ending& ending;
  InitChannel& init;
  Probes& probes;
  Outfit& outfit;
  Timers& timers;
  const Surroundings& surroundings;
};

void AddReadMethods(MethodParts parts);       // hello, status, events, workload, unfollow
void AddGoalMethods(MethodParts parts);       // up, down, restart, once
void AddPinMethods(MethodParts parts);        // pin
void AddSignalMethods(MethodParts parts);     // signal, shutdown
void AddLogMethods(MethodParts parts);        // logs
void AddLogManageMethods(MethodParts parts);  // logs.stats, logs.rotate, logs.reopen, logs.clear
void AddPlanMethods(MethodParts parts);       // plan, reload, scale

void AddCheckMethod(MethodParts parts);    // check
void AddFiguresMethod(MethodParts parts);  // figures
void AddDoctorMethod(MethodParts parts);   // doctor

// `params.names`, checked; error: what is wrong with it.
Result<std::vector<std::string>> PatternsIn(const Json& params);
Result<std::vector<std::string>> NamesOf(const Engine& engine, const Plan& plan,
                                         const std::vector<std::string>& patterns, bool internals);
// Both at once, answering the call when it cannot be done.
std::optional<std::vector<std::string>> ResolveNames(const MethodParts& parts, const CallPointer& call,
                                                     bool needs_names);
// The names that have logs: services, and foster itself when it is named; answers the call as ResolveNames
// does.
std::optional<std::vector<std::string>> LogNames(const MethodParts& parts, const CallPointer& call);
Json ToJson(const std::vector<WorkloadStatus>& workloads);
// The last lines of a service that failed.
Json LastLines(const Logs& logs, const std::string& name, std::size_t count);

}  // namespace foster
