// SPDX-License-Identifier: MIT
// The transition table: every change of state that is allowed, what brings it about, and why, in words.
// docs/state-machine.md is made from it. Not: the decision which of the allowed changes happens
// (service_machine.cc). Called by: ServiceMachine::Enter, tests/sim and its state_machine_doc.
// Invariants: a change that is not here aborts; a row from a state to itself changes only cause or timer.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "foster/state.h"

namespace foster {

// What brings a change about: the events of event.h, and what the engine does of its own.
enum class Trigger : std::uint8_t {
  kUp,
  kDown,
  kOnce,
  kRestart,
  kSpawned,
  kSpawnFailed,
  kExited,
  kTreeGone,
  kReady,
  kTimer,
  kGate,      // a service that one of its gates names has changed
  kReload,    // Engine::Apply
  kRestore,   // Engine::Restore
  kShutdown,  // Engine::Shutdown
  kEmpty,     // a oneshot without a program completes
  kAgain,     // it has come to rest, and a start is due at once
  kProbe,     // a probe or the watchdog has given its verdict
  kDue,       // its time has come
  kDemand,    // a connection waits
  kIdle,      // no connection for long enough
  kPin,       // it was pinned, or let go
  kAlong,     // another service stopped or started anew, and a gate says: along with it
};
inline constexpr Trigger kLastTrigger = Trigger::kAlong;

using TriggerSet = std::uint32_t;  // one bit per Trigger
constexpr TriggerSet Bit(Trigger trigger) { return TriggerSet{1} << static_cast<unsigned>(trigger); }

struct Transition {
  State from;
  TriggerSet triggers;
  State to;
  std::string_view text;
};

std::span<const Transition> Transitions();
bool IsAllowed(State from, Trigger trigger, State to);
std::string_view NameOf(Trigger trigger);  // "up", "spawn failed", ...

}  // namespace foster
