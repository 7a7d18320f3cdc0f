// SPDX-License-Identifier: MIT
// Probe: one check of a service's readiness or liveness, and what follows when it fails. Plain values with
// ==. Not: running it (src/supervise/prober.h, src/prober) nor counting it (src/core/service_probe.cc).
// Called by: the loaders (fill), the core (times and thresholds), the prober (what to look at).
// Invariant: `kind` alone decides which members mean anything.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <optional>

#include "foster/time.h"

namespace foster {

// One program to run. argv empty = there is none.
struct Command {
  std::vector<std::string>
      argv;         // argv[0] without '/' is looked up in PATH (the service's, else foster's) at spawn
  std::string cwd;  // absolute; empty = "/" for service directories' own default, see loaders
  bool operator==(const Command&) const = default;
};

enum class ProbeKind : std::uint8_t {
  kNone,
  kExec,     // `command`, as the service's user, in its environment: exit code 0 is success
  kHttp,     // `method` http(s)://`host`:`port``path` answers with status_min..status_max
  kTcp,      // `host`:`port` accepts a connection
  kFile,     // `file` exists
  kLogLine,  // a line that this incarnation wrote contains `pattern` (or matches it)
  kListen,   // a process of the service's own tree has a listening TCP socket; no port is given
};

// What a failed probe leads to, once its failure threshold is reached.
enum class FailureAction : std::uint8_t {
  kIgnore,       // shown, nothing more
  kRestart,      // stopped by its stop policy, then started again, whatever its restart policy says (within
                 // the budget)
  kStop,         // stopped; state Failed
  kEndWorkload,  // every service of the same workload goes down (services.d: every service directory)
  kByPolicy,     // stopped; then as if it had exited with a failure (process-compose's readiness)
};

struct Probe {
  ProbeKind kind = ProbeKind::kNone;
  Command command;
  bool tls = false;  // https; certificates are not checked: it is this very container
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string path = "/";
  std::string method = "GET";
  std::vector<std::string> headers;  // "Name: value"
  std::uint16_t status_min = 200;
  std::uint16_t status_max = 399;
  std::string file;
  std::string pattern;
  bool is_regex = false;                // POSIX extended (regcomp)
  Millis initial_delay{0};              // from the spawn
  Millis quick_period{250};             // until the first success; never longer than `period`
  Millis period{10'000};                // after it
  Millis timeout{1'000};                // of one probe; over it, it has failed
  std::uint32_t success_threshold = 1;  // successes in a row until it counts as passed
  std::uint32_t failure_threshold = 3;  // failures in a row until it counts as failed; before the first
                                        // success: failure_threshold * period after the first probe began
  bool operator==(const Probe&) const = default;
};

std::string_view NameOf(ProbeKind kind);        // "none", "exec", "http", "tcp", "file", "log_line", "listen"
std::string_view NameOf(FailureAction action);  // "ignore", "restart", "stop", "end_workload", "by_policy"
std::optional<ProbeKind> ProbeKindFromName(std::string_view name);
std::optional<FailureAction> FailureActionFromName(std::string_view name);

}  // namespace foster
