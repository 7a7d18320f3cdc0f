// SPDX-License-Identifier: MIT
// Budget: how many automatic restarts are left within RestartPolicy::budget_window. Not: delays, nor
// max_restarts and start_retries, which are plain counts (service_end.cc). Called by: ServiceMachine.
// Invariant: never more than `budget` restarts that are noted lie within one window of each other.
#pragma once

#include "core/engine.h"

namespace foster {

// Whether one more restart at `at` stays within the budget.
bool HasBudget(const RestartPolicy& policy, const ServiceRecord& record, MonoTime at);

// An automatic restart has happened.
void NoteRestart(ServiceRecord& record, MonoTime now);

// A person or a plan has asked for it anew.
void ForgetRestarts(ServiceRecord& record);

}  // namespace foster
