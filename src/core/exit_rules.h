// SPDX-License-Identifier: MIT
// ExitRules: what the way a main process ended leads to, before the restart policy is asked. Not: delays
// (backoff.h) nor what is left of a budget (budget.h). Called by: ServiceMachine, and the gates for
// IsSuccess. Invariants: the first rule that matches counts; only a real end is judged by rules (not a stop,
// a failed spawn or a process that vanished); a oneshot that succeeded has completed, whatever its rules say.
#pragma once

#include "core/event.h"

namespace foster {

// A success code or a success signal.
bool IsSuccess(const ServiceSpec& spec, const ExitStatus& status);

// The process ended, and its status is known.
bool IsEnd(const Cause& cause);

// As IsSuccess, for an end.
bool EndedWell(const ServiceSpec& spec, const Cause& cause);

// A failed spawn that another try will not mend: it could not be isolated as asked, and not for want of
// memory, processes or descriptors.
bool IsHopeless(const Cause& cause);

// nullptr: none matches, or it is no end.
const ExitRule* FindRule(const ServiceSpec& spec, const Cause& cause);

}  // namespace foster
