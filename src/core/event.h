// SPDX-License-Identifier: MIT
// Event (what happened) and Effect (what is to be done): the only things that go in and out of the core.
// Not: performed here. Called by: supervise (real) and tests/sim (simulated). Both are flat values, no heap.
// Invariants: an event about a process names its incarnation, a timer event the epoch that armed it; events
// about another incarnation or epoch than the current one are dropped by number.
#pragma once

#include <cstdint>

#include "foster/service_spec.h"
#include "foster/state.h"
#include "foster/time.h"

namespace foster {

// Position of a service in the engine. Stable while the service exists, reused only after it was removed.
using ServiceId = std::uint32_t;
inline constexpr ServiceId kNoService = UINT32_MAX;

// How a process ended. Exactly one of the two is meaningful: signal != 0 means killed by it.
struct ExitStatus {
  int code = 0;
  int signal = 0;
  bool operator==(const ExitStatus&) const = default;
};

// Where a spawn failed; kNone = it did not. Same numbers as init_protocol.h's SpawnStage.
using SpawnStageNumber = std::uint8_t;

// Why a service is in its state. Rendered by CauseText() (src/core/cause.h).
enum class CauseKind : std::uint8_t {
  kNone,
  kBoot,         // its goal was up at boot
  kRequest,      // a client asked
  kReload,       // the plan changed
  kGate,         // waits for / let go by `other`
  kDependency,   // `other` ended in a way that can never open the gate
  kExited,       // code
  kSignaled,     // signal
  kSpawnFailed,  // stage, error
  kTimedOut,     // up, down, finish or grace ran out
  kGaveUp,       // budget used up; code/signal/stage of the last try
  kBroken,       // its configuration cannot be run (ServiceSpec::broken)
  kPermanent,    // finish exited 125
  kShutdown,
  kReady,          // became ready
  kNeeded,         // another service that was started needs it (`other`)
  kLost,           // its process vanished while supervise was away
  kSchedule,       // waits for its time, or was started by it
  kDemand,         // waits for a connection, or was started by one
  kIdle,           // stopped: no connection for idle_stop
  kUnhealthy,      // `probe` failed
  kWatchdog,       // no WATCHDOG=1 in time, or WATCHDOG=trigger
  kAlong,          // stopped or started anew along with `other`
  kWorkloadEnded,  // `other` ended the workload
  kPinned,         // pinned down
};

// What a probe is asked for.
enum class ProbeUse : std::uint8_t {
  kReadiness,  // Readiness::probe
  kLiveness,   // Liveness::probe
  kIdle,       // whether the service's sockets have been without a connection; success = quiet
};
inline constexpr std::size_t kProbeUses = 3;

// The timers of a service. Each has a deadline and an epoch of its own.
enum class TimerKind : std::uint8_t {
  kState,  // of the state: start time, grace, back-off, ...
  kReadiness,
  kLiveness,
  kWatchdog,
  kSchedule,
  kIdle,
};
inline constexpr std::size_t kTimerKinds = 6;

struct Cause {
  CauseKind kind = CauseKind::kNone;
  ServiceId other = kNoService;
  ExitStatus status{};
  SpawnStageNumber stage = 0;
  int error = 0;                          // errno
  ProbeUse probe = ProbeUse::kReadiness;  // kUnhealthy
  bool operator==(const Cause&) const = default;
};

enum class EventKind : std::uint8_t {
  // requests (from a client, boot or reload)
  kUp,       // goal up; what it needs goes up too
  kDown,     // goal down; what needs it goes down first, unless `alone`
  kOnce,     // goal once: run, and do not restart
  kRestart,  // stop, then start again; from down: as kUp
  kPin,      // `pin`: the goal is held down or up from here on, or let go
  // from init
  kSpawned,      // role, incarnation, pid
  kSpawnFailed,  // role, incarnation, stage, error: the child's set-up or fork failed; no process is left
  kExited,       // role, incarnation, status, lingering
  kTreeGone,     // incarnation: the last process of a lingering tree is gone
  // from elsewhere in supervise
  kReady,      // incarnation: the readiness fd said so
  kTimer,      // timer, epoch
  kProbeDone,  // incarnation, probe, number, success
  kNotice,     // incarnation, notice and what it carries: what the service said on $NOTIFY_SOCKET
  kFollowed,  // incarnation, pid: init has taken that process for the main process; pid 0: there is none, the
              // tree
              // as a whole is the service (Follow::kLast)
  kNextDue,   // epoch (of the question), deadline: when it is due next; kNoDeadline = never again
  kDemand,    // a connection waits on one of its sockets
};

// What sd_notify(3) messages say, as far as the core decides by it. READY=1 is kReady.
enum class Notice : std::uint8_t {
  kReloading,         // RELOADING=1: shown until READY=1; it stays ready
  kStopping,          // STOPPING=1: shown; it is not ready any more
  kExtendTimeout,     // span: the deadline of Starting, Stopping or Finishing is not before now + span
  kWatchdog,          // WATCHDOG=1
  kWatchdogTrigger,   // WATCHDOG=trigger: as if it had not come in time
  kWatchdogInterval,  // span: WATCHDOG_USEC=...
  kMainPid,           // pid: MAINPID=...
};

struct Event {
  EventKind kind;
  ServiceId service = kNoService;
  Role role = Role::kMain;
  std::uint64_t incarnation = 0;
  std::uint64_t epoch = 0;
  std::int32_t pid = 0;
  ExitStatus status{};
  bool lingering = false;  // other processes of its tree still live
  SpawnStageNumber stage = 0;
  int error = 0;
  bool alone = false;  // kDown
  Pin pin = Pin::kNone;
  TimerKind timer = TimerKind::kState;
  ProbeUse probe = ProbeUse::kReadiness;
  std::uint64_t number = 0;  // of the probe
  bool success = false;
  Notice notice = Notice::kReloading;
  Millis span{0};
  MonoTime deadline = kNoDeadline;
};

enum class EffectKind : std::uint8_t {
  kSpawn,        // role, incarnation; for kFinish: status and pid (its pgid) of the dead main process
  kSignal,       // role, incarnation, signal, scope
  kArmTimer,     // timer, epoch, deadline: replaces that timer of the service; kNoDeadline takes it away
  kChanged,      // the record of `service` changed; `visible`: also what people see of it, publish it
  kRemoved,      // the service left the engine; its id is free after this
  kAllStopped,   // shutdown: nothing lives any more (once)
  kProbe,        // incarnation, probe, number: answered by kProbeDone, also when it hangs or cannot be run
  kStopKeys,     // incarnation: StopPolicy::keys to its stdin
  kFollow,       // incarnation, pid (named by MAINPID, or 0): answered by kFollowed
  kAwaitDemand,  // its sockets are opened if they are not, and watched: answered once by kDemand, or by
                 // kSpawnFailed (role main, incarnation, stage kStageSocket) where one cannot be opened. Ends
                 // with the next kSpawn or when the service has goal down
  kSchedule,     // epoch: answered by kNextDue: the first time after now
  kEndContainer,  // status: Consequence::kEndContainer
};

struct Effect {
  EffectKind kind;
  ServiceId service = kNoService;
  Role role = Role::kMain;
  std::uint64_t incarnation = 0;
  std::uint64_t epoch = 0;
  MonoTime deadline = kNoDeadline;
  int signal = 0;
  SignalScope scope = SignalScope::kProcess;
  ExitStatus status{};
  std::int32_t pid = 0;
  TimerKind timer = TimerKind::kState;
  ProbeUse probe = ProbeUse::kReadiness;
  std::uint64_t number = 0;
  bool visible = true;  // kChanged
};

}  // namespace foster
