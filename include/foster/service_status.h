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
  Pin pin = Pin::kNone;
  std::optional<bool> alive;  // of its liveness probe; null: it has none, or no verdict yet
  std::string probe_text;     // what the last failed probe said: "connect 127.0.0.1:80: Connection refused"
  std::string status_text;    // STATUS=... of sd_notify
  bool reloading = false;
  std::string schedule;      // as written: "*/5 * * * *", "every 30s", "2026-12-24T18:00:00Z"; "" = none
  std::string next_due;      // RFC 3339; "" = never (JSON: null)
  std::uint32_t missed = 0;  // due times left out because the run before had not ended
  std::vector<std::string> sockets;  // "tcp 127.0.0.1:8080", "unix /run/app.sock"
  std::string replica_of;            // "" = not a replica
  std::uint32_t replica = 0;
  std::uint32_t replicas = 1;
  std::vector<std::string>
      degraded;             // isolation that this incarnation runs without: "cgroup: read-only, ..."
  std::string stdout_file;  // the first file that takes its lines; "" = none
  std::string stderr_file;  // as stdout_file; "" also where stderr goes into stdout's pipe
};

struct PortFigure {
  std::string protocol;  // "tcp", "tcp6", "udp", "udp6", "unix"
  std::string address;   // "0.0.0.0:8080", "[::]:80", path
  std::int32_t pid = 0;
  bool operator==(const PortFigure&) const = default;
};

// What a service's whole tree uses at one moment; answered only when asked for.
struct ServiceFigures {
  std::string name;
  std::uint32_t processes = 0;
  std::uint32_t threads = 0;
  std::uint64_t cpu_ms = 0;  // of the live processes and their reaped children, since they were started
  double cpu_percent = 0;    // of one core, since the figure before (same reader), 0 at the first
  std::uint64_t rss_bytes = 0;
  std::optional<std::uint64_t> pss_bytes;      // null where it cannot be read
  std::optional<std::uint64_t> read_bytes;     // from storage
  std::optional<std::uint64_t> written_bytes;  // to storage
  std::vector<PortFigure> ports;               // listening
  bool operator==(const ServiceFigures&) const = default;
};

// One probe that a person asked for (`svc check`).
struct CheckResult {
  std::string name;
  std::string probe;  // "readiness", "liveness"
  std::string kind;   // "http", ...
  bool ok = false;
  std::string text;  // "200 OK", "exit code 1", "connect 127.0.0.1:80: Connection refused"
  std::int64_t took_ms = 0;
  bool operator==(const CheckResult&) const = default;
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
  std::string name;       // full service name
  std::string stream;     // "stdout", "stderr"
  std::string time;       // RFC 3339 with ms, UTC
  std::int64_t mono = 0;  // ns, CLOCK_MONOTONIC: orders the lines of all services, whatever the clock does
  std::uint64_t seq =
      0;  // which line of the service, from 1; a gap: lines that were gone before they were read
  std::uint64_t incarnation = 0;
  std::string text;        // any bytes
  std::string cursor;      // of this service, behind this line
  bool partial = false;    // has no '\n' yet
  bool continued = false;  // a piece of a line over 64 KiB: not its first
  bool cut = false;        // ... not its last
};

}  // namespace foster
