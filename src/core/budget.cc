// SPDX-License-Identifier: MIT
#include "core/budget.h"

#include <algorithm>

#include "core/mutant.h"

namespace foster {

bool HasBudget(const RestartPolicy& policy, const ServiceRecord& record, MonoTime at) {
  if (policy.budget == kUnlimited || FOSTER_MUTANT(kBudgetIgnored)) return true;
  if (policy.budget == 0) return false;
  const std::uint32_t budget = std::min(policy.budget, kMaxBudget);
  const MonoTime oldest = record.restart_times[(record.restart_head + kMaxBudget - budget) % kMaxBudget];
  return oldest == MonoTime{} || (policy.budget_window != kForever && at - oldest >= policy.budget_window);
}

void NoteRestart(ServiceRecord& record, MonoTime now) {
  record.restart_times[record.restart_head % kMaxBudget] = now;
  record.restart_head = (record.restart_head + 1) % kMaxBudget;
}

void ForgetRestarts(ServiceRecord& record) {
  record.restart_times.fill(MonoTime{});
  record.restart_head = 0;
}

}  // namespace foster
