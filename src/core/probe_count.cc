// SPDX-License-Identifier: MIT
#include "core/probe_count.h"

#include <algorithm>

namespace foster {
namespace {

constexpr Millis kShortestPeriod{1};

std::uint32_t Increment(std::uint32_t count) { return count == UINT32_MAX ? count : count + 1; }

bool IsLate(const Probe& probe, const ProbeRecord& line, MonoTime now) {
  const std::uint32_t threshold = std::max(1u, probe.failure_threshold);
  if (probe.period >= kForever / threshold) return false;
  return now >= After(line.began, probe.period * threshold);
}

}  // namespace

ProbeNews CountAnswer(const Probe& probe, ProbeRecord& line, bool success, MonoTime now) {
  if (success) {
    line.failures = 0;
    line.successes = Increment(line.successes);
    line.has_succeeded = true;
    if (line.passes || line.successes < std::max(1u, probe.success_threshold)) return ProbeNews::kNone;
    line.passes = line.has_passed = true;
    return ProbeNews::kPassed;
  }
  line.successes = 0;
  line.failures = Increment(line.failures);
  const bool is_enough = line.failures >= std::max(1u, probe.failure_threshold);
  if (line.has_passed) {
    if (!line.passes || !is_enough) return ProbeNews::kNone;
    line.passes = false;
    return ProbeNews::kFailed;
  }
  const bool is_last = probe.kind == ProbeKind::kLogLine;
  const bool has_failed = IsLate(probe, line, now) && (is_enough || !line.has_succeeded);
  return is_last || has_failed ? ProbeNews::kFailed : ProbeNews::kNone;
}

Millis NextProbeIn(const Probe& probe, const ProbeRecord& line) {
  if (probe.kind == ProbeKind::kLogLine || probe.kind == ProbeKind::kNone) return kForever;
  const Millis period = std::max(probe.period, kShortestPeriod);
  return line.has_passed ? period : std::clamp(probe.quick_period, kShortestPeriod, period);
}

}  // namespace foster
