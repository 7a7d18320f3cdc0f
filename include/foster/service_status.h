// SPDX-License-Identifier: MIT
// ServiceStatus and friends: what the control protocol says about services, as plain values. One object of
// `svc status --json` is one ServiceStatus (docs/control-protocol.md; src/wire/status_codec.h).
// Not: the engine's record. Called by: supervise (fills), client, CLI, TUI, gateways (read).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foster/plan.h"
#include "foster/state.h"

namespace foster {

struct ServiceStatus {
  std::string name;      // full
  std::string workload;  // "" for a service directory
  std::string group;
  std::string type;  // "longrun", "oneshot"
  std::string description;
  Goal goal = Goal::kDown;
  State state = State::kStopped;
  bool ready = false;
  bool internal = false;
  bool autostart = true;
  int priority = 999;
  std::int32_t pid = 0;  // 0 = none (JSON: null)
  std::uint64_t incarnation = 0;
  std::uint32_t restarts = 0;
  std::string since;        // RFC 3339 with ms, UTC: when it entered `state`
  std::int64_t age_ms = 0;  // the same as a monotonic age
  std::string started;      // RFC 3339: spawn of the current or last main process; "" = never (JSON: null)
  std::int64_t started_age_ms = 0;
  std::string cause;  // one line for people: "exited with code 1", "waits for db (ready)"
  std::optional<int>
      exit_code;  // of the last main process, null if none ended; 128+n is not used: see signal
  std::optional<int> exit_signal;
  std::string source;                  // "project", "seed", "services.d", "foster"
  std::string origin;                  // "file:line"
  std::string directory;               // services.d path, else ""
  std::vector<std::string> waits_for;  // closed gates, "db (ready)"
};

struct WorkloadStatus {
  std::string name;
  std::string format;
  std::string source;  // "project", "seed", "none"
  std::string project;
  std::string seed;
  std::vector<Diagnostic> diagnostics;
};

// One numbered change. Kinds: "state" (service), "removed" (service.name), "workload", "message" (text),
// "shutdown". `service` is filled for "state".
struct EventRecord {
  std::uint64_t sequence = 0;
  std::string time;  // RFC 3339 ms UTC
  std::string kind;
  std::string text;  // one line for people
  ServiceStatus service;
};

struct LogRecord {
  std::string name;    // full service name
  std::string stream;  // "stdout", "stderr"
  std::string time;    // RFC 3339 with ms, UTC
  std::uint64_t incarnation = 0;
  std::string text;    // may hold any bytes on the way in; invalid UTF-8 becomes U+FFFD in JSON
  std::string cursor;  // of this service, behind this line
  bool partial = false;
};

}  // namespace foster
