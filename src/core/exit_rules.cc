// SPDX-License-Identifier: MIT
#include "core/exit_rules.h"

#include <algorithm>

namespace foster {
namespace {

bool Contains(const std::vector<int>& values, int value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

bool IsSuccess(const ServiceSpec& spec, const ExitStatus& status) {
  return status.signal == 0 ? Contains(spec.success_codes, status.code)
                            : Contains(spec.success_signals, status.signal);
}

bool IsEnd(const Cause& cause) {
  return cause.kind == CauseKind::kExited || cause.kind == CauseKind::kSignaled;
}

bool EndedWell(const ServiceSpec& spec, const Cause& cause) {
  return IsEnd(cause) && IsSuccess(spec, cause.status);
}

const ExitRule* FindRule(const ServiceSpec& spec, const Cause& cause) {
  if (!IsEnd(cause)) return nullptr;
  const bool is_signal = cause.status.signal != 0;
  const int value = is_signal ? cause.status.signal : cause.status.code;
  const auto rule =
      std::find_if(spec.restart.rules.begin(), spec.restart.rules.end(),
                   [&](const ExitRule& one) { return one.is_signal == is_signal && one.value == value; });
  return rule == spec.restart.rules.end() ? nullptr : &*rule;
}

}  // namespace foster
