// SPDX-License-Identifier: MIT
// ServiceSpec: everything that is wanted of one service, as plain values with ==. The loaders translate their
// dialect into it; the core decides from it; supervise turns it into spawn plans. Not: run-time state
// (src/core/engine.h), nor anything that needs this machine (users, PATH and files are looked up when the
// service is spawned). Invariant: equal specs mean "nothing to do".
#pragma once

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foster/isolation.h"
#include "foster/log_spec.h"
#include "foster/probe.h"
#include "foster/schedule.h"
#include "foster/socket_spec.h"
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
  kHealthy,                // as kReady; where it has a liveness probe, that has passed too
  kCompleted,              // has ended and is not to be restarted, however it ended
  kCompletedSuccessfully,  // has ended with a success code
  kStopped,  // has no process and none is due: Stopped, Exited or Failed. Nobody is brought up or down for it
};

// What a gate is worth. Looked at whenever the service is to be started: also before an automatic restart.
enum class GateStrength : std::uint8_t {
  kHard,       // brings the other up; can it never open, this service has Failed (kDependency)
  kSoft,       // brings the other up and waits for it; can it never open, it is open
  kMilestone,  // as kHard, but once it has held (since the other's goal last went up) it stays open
  kOrder,      // brings nothing up; open unless the other is on its way (goal up and it may still open)
};

struct Gate {
  std::string service;  // full name, bundles already resolved
  GateKind kind = GateKind::kReady;
  Origin origin;
  GateStrength strength = GateStrength::kHard;
  bool stop_along = false;  // when the other comes to rest (Stopped, Exited, Failed, or Waiting for a gate of
                            // its own) and this gate is not open, this one stops too and waits until it is
  bool restart_along = false;  // when the other has a new incarnation this one gets one too
  bool operator==(const Gate&) const = default;
};

enum class SignalScope : std::uint8_t {
  kProcess,  // the main process only
  kGroup,    // its process group
  kTree,     // group + session + cgroup + everything that came from it
};

enum class StopMethod : std::uint8_t {
  kSignal,
  kCommand,  // `command` runs (Role::kStop); where it cannot be started, the signal is sent
  kKeys,     // `keys` are written to the service's stdin, which must not be kNull
};

struct StopPolicy {
  StopMethod method = StopMethod::kSignal;
  int signal = SIGTERM;
  SignalScope scope = SignalScope::kGroup;
  Millis grace{10'000};  // from signal, command or keys to SIGKILL of the tree; kForever = never by itself
                         // (shutdown still ends it)
  Command command;
  std::string keys;        // bytes; ^C is "\x03"
  bool keep_rest = false;  // the rest of its tree may go on when its main process ends by itself. Otherwise
                           // that gets the signal, the grace and SIGKILL before anything else follows
  bool operator==(const StopPolicy&) const = default;
};

enum class RestartWhen : std::uint8_t { kNever, kOnFailure, kAlways };

// What one way of ending leads to, before RestartWhen is asked. The first rule that matches counts.
struct ExitRule {
  enum class Verdict : std::uint8_t { kRestart, kDone, kFail };  // kDone: Exited; kFail: Failed at once
  bool is_signal = false;
  int value = 0;  // exit code or signal number
  Verdict verdict = Verdict::kRestart;
  bool operator==(const ExitRule&) const = default;
};

inline constexpr std::uint32_t kUnlimited = UINT32_MAX;
inline constexpr std::uint32_t kMaxBudget = 32;  // RestartPolicy::budget at most

// A "failed start" is an exit before Running; every other exit is an "ending".
// Delay before the n-th failed start in a row (n from 1): min(cap, (base + step*(n-1)) * factor^(n-1)).
// Delay after an ending: max(0, ending_delay - time spent Running), or with `grow_endings` as after the n-th
// ending in a row (n forgotten after reset_after), from the exit.
// Each delay is then lengthened by a random part of up to jitter_percent of it.
struct RestartPolicy {
  RestartWhen when = RestartWhen::kAlways;
  bool retry_failed_start = true;  // failed starts are tried again whatever `when` says (supervisord)
  Millis base{1'000};
  Millis step{0};
  std::uint32_t factor_percent = 200;  // 100 = constant
  Millis cap{30'000};
  Millis ending_delay{1'000};
  Millis reset_after{10'000};                // Running this long forgets failed starts and endings
  std::uint32_t start_retries = kUnlimited;  // failed starts in a row before Failed
  std::uint32_t max_restarts = kUnlimited;   // automatic restarts since the goal went up
  bool grow_endings = false;
  std::uint32_t jitter_percent = 0;
  std::uint32_t budget = kUnlimited;  // automatic restarts within any budget_window; <= kMaxBudget
  Millis budget_window{kForever};
  std::vector<ExitRule> rules;
  bool operator==(const RestartPolicy&) const = default;
};

// The first of these that says so makes it ready. None: Running once the process lived for start_time.
struct Readiness {
  int notify_fd = -1;      // s6: ready when '\n' is written to this fd of the main process; -1 = none
  Millis start_time{0};    // without any of the others: Running once the process lived this long
  bool sd_notify = false;  // READY=1 on $NOTIFY_SOCKET (sd_notify(3))
  Probe probe;             // goes on after the first success: `ready` may be lost and come back
  FailureAction action = FailureAction::kIgnore;  // when the probe fails
  bool Any() const { return notify_fd >= 0 || sd_notify || probe.kind != ProbeKind::kNone; }
  bool operator==(const Readiness&) const = default;
};

// Asked only while Running, and only judged by what this incarnation answered.
struct Liveness {
  Probe probe;
  Millis watchdog{0};  // WATCHDOG=1 must come at least this often (WATCHDOG_USEC); 0 = none
  FailureAction action = FailureAction::kRestart;
  bool operator==(const Liveness&) const = default;
};

// A main process that goes into the background: which process is the service then.
enum class Follow : std::uint8_t {
  kNone,     // the main process is the service
  kPidFile,  // the process whose number is in `pid_file` when the main process ends with a success code
  kMainPid,  // the one that MAINPID=... named (sd_notify)
  kLast,     // every process of its tree: it lives as long as one of them does
};
struct Daemon {
  Follow follow = Follow::kNone;  // kPidFile and kMainPid fall back to kLast where nothing fitting is named
  std::string pid_file;
  bool operator==(const Daemon&) const = default;
};

enum class Stdin : std::uint8_t {
  kNull,
  kPipe,      // foster holds the other end
  kTerminal,  // a terminal of its own as controlling terminal; foster holds the other end. stdout and stderr
              // stay pipes
};

// What the end of a service (Exited, Failed) does to others, beyond the gates.
enum class Consequence : std::uint8_t { kNone, kEndWorkload, kEndContainer };

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

// One of several equal services; made by the loaders, which number them as their dialect does.
struct Replica {
  std::string of;           // full name of the declared service; empty = this is none
  std::uint32_t index = 0;  // from 0
  std::uint32_t count = 1;
  bool operator==(const Replica&) const = default;
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
  Isolation isolation;
  Readiness readiness;
  Liveness liveness;
  RestartPolicy restart;
  std::vector<int> success_codes{0};
  std::vector<int> success_signals;  // signal numbers that count as a good end
  StopPolicy stop;
  Timeouts timeouts;
  Daemon daemon;
  Stdin stdin_from = Stdin::kNull;
  Schedule schedule;
  std::vector<SocketSpec> sockets;
  Activation activation = Activation::kBoot;
  Millis idle_stop{0};  // with kOnDemand: stopped after this long without a connection; 0 = never
  Consequence when_ended = Consequence::kNone;   // Exited or Failed
  Consequence when_failed = Consequence::kNone;  // Failed, or Exited without success
  Replica replica;
  bool merge_stderr = false;  // stderr goes into stdout's pipe
  LogSpec log;
  std::vector<Secret> secrets;
  int priority = 999;  // supervisord: order among equals; lower starts first
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
std::string_view NameOf(GateStrength strength);      // "hard", "soft", "milestone", "order"
std::string_view NameOf(StopMethod method);          // "signal", "command", "keys"
std::string_view NameOf(ExitRule::Verdict verdict);  // "restart", "done", "fail"
std::string_view NameOf(Follow follow);              // "none", "pid_file", "main_pid", "last"
std::string_view NameOf(Stdin stdin_from);           // "null", "pipe", "terminal"
std::string_view NameOf(Consequence consequence);    // "none", "end_workload", "end_container"
std::optional<ServiceType> ServiceTypeFromName(std::string_view name);
std::optional<GateKind> GateKindFromName(std::string_view name);
std::optional<SignalScope> SignalScopeFromName(std::string_view name);
std::optional<RestartWhen> RestartWhenFromName(std::string_view name);
std::optional<GateStrength> GateStrengthFromName(std::string_view name);
std::optional<StopMethod> StopMethodFromName(std::string_view name);
std::optional<ExitRule::Verdict> ExitVerdictFromName(std::string_view name);
std::optional<Follow> FollowFromName(std::string_view name);
std::optional<Stdin> StdinFromName(std::string_view name);
std::optional<Consequence> ConsequenceFromName(std::string_view name);

}  // namespace foster
