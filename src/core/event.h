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
  kReady,   // became ready
  kNeeded,  // another service that was started needs it (`other`)
  kLost,    // its process vanished while supervise was away
};

struct Cause {
  CauseKind kind = CauseKind::kNone;
  ServiceId other = kNoService;
  ExitStatus status{};
  SpawnStageNumber stage = 0;
  int error = 0;  // errno
  bool operator==(const Cause&) const = default;
};

enum class EventKind : std::uint8_t {
  // requests (from a client, boot or reload)
  kUp,       // goal up; what it needs goes up too
  kDown,     // goal down
  kOnce,     // goal once: run, and do not restart
  kRestart,  // stop, then start again; from down: as kUp
  // from init
  kSpawned,      // role, incarnation, pid
  kSpawnFailed,  // role, incarnation, stage, error: the child's set-up or fork failed; no process is left
  kExited,       // role, incarnation, status, lingering
  kTreeGone,     // incarnation: the last process of a lingering tree is gone
  // from elsewhere in supervise
  kReady,  // incarnation: the readiness fd said so
  kTimer,  // epoch
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
};

enum class EffectKind : std::uint8_t {
  kSpawn,       // role, incarnation; for kFinish: status and pid (its pgid) of the dead main process
  kSignal,      // role, incarnation, signal, scope
  kArmTimer,    // epoch, deadline: replaces the service's timer; kNoDeadline takes it away
  kChanged,     // the record of `service` changed: publish it
  kRemoved,     // the service left the engine; its id is free after this
  kAllStopped,  // shutdown: nothing lives any more (once)
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
};

}  // namespace foster
