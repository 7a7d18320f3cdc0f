// SPDX-License-Identifier: MIT
// ServiceSpec: everything that is wanted of one service, as plain values with ==. The loaders translate their
// dialect into it; the core decides from it; supervise turns it into spawn plans. Not: run-time state
// (src/core/engine.h), nor anything that needs this machine (users, PATH and files are looked up when the
// service is spawned). Invariant: equal specs mean "nothing to restart".
#pragma once

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foster/state.h"
#include "foster/time.h"

namespace foster {

// Where a thing was written. line and column count from 1; 0 = the file as a whole. Not part of a spec's
// equality.
struct Origin {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool operator==(const Origin&) const { return true; }
};

enum class ServiceType : std::uint8_t { kLongrun, kOneshot };

// A condition on another service that must hold before this one starts.
enum class GateKind : std::uint8_t {
  kStarted,                // has (had) a process since its goal went up
  kReady,                  // running and ready; a oneshot: completed successfully
  kHealthy,                // ready by its probe; without one, as kReady
  kCompleted,              // has ended and is not to be restarted, however it ended
  kCompletedSuccessfully,  // has ended with a success code
};

struct Gate {
  std::string service;  // full name, bundles already resolved
  GateKind kind = GateKind::kReady;
  Origin origin;
  bool operator==(const Gate&) const = default;
};

// One program to run. argv empty = there is none.
struct Command {
  std::vector<std::string>
      argv;         // argv[0] without '/' is looked up in PATH (the service's, else foster's) at spawn
  std::string cwd;  // absolute; empty = "/" for service directories' own default, see loaders
  bool operator==(const Command&) const = default;
};

enum class SignalScope : std::uint8_t {
  kProcess,  // the main process only
  kGroup,    // its process group
  kTree,     // group + session + cgroup + everything that came from it
};

struct StopPolicy {
  int signal = SIGTERM;
  SignalScope scope = SignalScope::kGroup;
  Millis grace{10'000};  // from signal to SIGKILL; kForever = never by itself (shutdown still ends it)
  bool operator==(const StopPolicy&) const = default;
};

enum class RestartWhen : std::uint8_t { kNever, kOnFailure, kAlways };

inline constexpr std::uint32_t kUnlimited = UINT32_MAX;

// A "failed start" is an exit before Running; every other exit is an "ending".
// Delay before the n-th failed start in a row (n from 1): min(cap, (base + step*(n-1)) * factor^(n-1)).
// Delay after an ending: max(0, ending_delay - time spent Running).
struct RestartPolicy {
  RestartWhen when = RestartWhen::kAlways;
  bool retry_failed_start = true;  // failed starts are tried again whatever `when` says (supervisord)
  Millis base{1'000};
  Millis step{0};
  std::uint32_t factor_percent = 200;  // 100 = constant
  Millis cap{30'000};
  Millis ending_delay{1'000};
  Millis reset_after{10'000};                // Running this long forgets failed starts
  std::uint32_t start_retries = kUnlimited;  // failed starts in a row before Failed
  std::uint32_t max_restarts = kUnlimited;   // automatic restarts since the goal went up
  bool operator==(const RestartPolicy&) const = default;
};

struct Readiness {
  int notify_fd = -1;    // s6: ready when '\n' is written to this fd of the main process; -1 = none
  Millis start_time{0};  // without notify_fd: Running once the process lived this long
  bool operator==(const Readiness&) const = default;
};

struct Identity {
  std::string user;                    // name or number; empty = foster's own
  std::string group;                   // empty = the user's
  std::optional<std::uint32_t> umask;  // nullopt = inherited
  bool operator==(const Identity&) const = default;
};

struct Timeouts {
  Millis up = kForever;    // Starting at most this long (oneshot: its up script; longrun: readiness)
  Millis down = kForever;  // a oneshot's down script
  Millis finish{5'000};    // the finish script
  bool operator==(const Timeouts&) const = default;
};

struct ServiceSpec {
  std::string name;      // full and unique: "workload/name", or "name" from a service directory
  std::string workload;  // empty: from services.d
  std::string group;     // label of the workload's format; may be empty
  ServiceType type = ServiceType::kLongrun;
  bool autostart = true;
  bool internal = false;  // foster's own (logd, gateways): hidden unless asked for, stopped last
  std::string broken;     // not empty: can never start, and why ("services.d/x/run:0:0: ..."); state Failed
  Command run;            // main: run (longrun) or up (oneshot). A oneshot with empty argv succeeds at once
  Command finish;         // longrun only; gets exit code (256 if signalled), signal, name, pgid appended
  Command down;           // oneshot only
  std::vector<std::string> environment;  // "K=V", over foster's own environment, last wins
  Identity identity;
  Readiness readiness;
  RestartPolicy restart;
  std::vector<int> success_codes{0};
  StopPolicy stop;
  Timeouts timeouts;
  bool merge_stderr = false;  // stderr goes into stdout's pipe
  int priority = 999;         // supervisord: order among equals; lower starts first
  std::string description;
  std::string directory;  // services.d: its directory (s6 spelling addresses it by path)
  std::vector<Gate> gates;
  Origin origin;
  bool operator==(const ServiceSpec&) const = default;
};

std::string_view NameOf(ServiceType type);
std::string_view NameOf(GateKind kind);
std::string_view NameOf(SignalScope scope);
std::string_view NameOf(RestartWhen when);
std::optional<ServiceType> ServiceTypeFromName(std::string_view name);
std::optional<GateKind> GateKindFromName(std::string_view name);
std::optional<SignalScope> SignalScopeFromName(std::string_view name);
std::optional<RestartWhen> RestartWhenFromName(std::string_view name);

}  // namespace foster
