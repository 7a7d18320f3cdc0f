// SPDX-License-Identifier: MIT
#include "core/exit_rules.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "foster/init_protocol.h"

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

bool IsHopeless(const Cause& cause) {
  if (cause.kind != CauseKind::kSpawnFailed) return false;
  constexpr SpawnStage kIsolation[] = {
      kStageCgroup, kStageNamespace, kStageRlimit, kStageNice, kStageIoPriority, kStageOomScore,
      kStageChroot, kStageGroups,    kStageGid,    kStageUid,  kStageNoNewPrivs, kStageCapabilities};
  constexpr int kPasses[] = {EAGAIN, ENOMEM, EMFILE, ENFILE, EINTR, ENOSPC};
  return std::find(std::begin(kIsolation), std::end(kIsolation), cause.stage) != std::end(kIsolation) &&
         std::find(std::begin(kPasses), std::end(kPasses), cause.error) == std::end(kPasses);
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
