// SPDX-License-Identifier: MIT
// FOSTER_MUTANT(name): a bug that tests/sim can switch on, to prove that the simulation finds it.
// Not: a debugging switch; in every normal build it is the constant `false` and leaves no trace in the code.
// Called by: src/core only. Invariant: each name is listed here once and planted in exactly one place.
#pragma once

#include <cstdint>

namespace foster {

enum class Mutant : std::uint8_t {
  kNone,
  kStaleTimer,        // the epoch and the deadline of a timer event are not looked at
  kLostRearm,         // a failed spawn leaves no timer
  kGateTwice,         // a gate that opens starts the service twice
  kGraceIgnored,      // SIGKILL follows the stop signal at once
  kOldExit,           // an exit of an earlier incarnation is taken for the current one
  kShutdownOrder,     // everything is told to stop at once
  kLostStopSignal,    // a stop while the spawn is on its way forgets the signal
  kForgottenRestart,  // a restart ends stopped
  kStaleProbe,        // an answer to another probe or of another life counts
  kBudgetIgnored,     // restarts are not counted against the budget
  kGateNotRechecked,  // a restart does not look at its gates
  kPinIgnored,        // what is needed goes up though it is pinned down
  kDownOrder,         // those that need a service are told to stop together with it
  kLostRest,          // the rest of a tree is not ended before what follows
  kTimeNotMoved       // deadlines stay when the machine stood still
};

#ifdef FOSTER_MUTATION
extern Mutant active_mutant;  // defined in tests/sim
#define FOSTER_MUTANT(name) (::foster::active_mutant == ::foster::Mutant::name)
#else
#define FOSTER_MUTANT(name) false
#endif

}  // namespace foster
