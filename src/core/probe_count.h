// SPDX-License-Identifier: MIT
// ProbeCount: what the answers to a line of probes add up to, by the probe's thresholds, and when to ask
// next. Not: the asking, nor what follows (service_probe.cc). Called by: ServiceMachine. Invariants: before
// the first pass a failure counts only when failure_threshold periods have gone by since the first probe
// began; after it, failure_threshold failures in a row; depends on nothing but its arguments.
#pragma once

#include "core/engine.h"

namespace foster {

enum class ProbeNews : std::uint8_t {
  kNone,
  kPassed,  // it passes from here on
  kFailed,  // it has failed: it does not pass any more, or it should have long ago
};

ProbeNews CountAnswer(const Probe& probe, ProbeRecord& line, bool success, MonoTime now);

// From an answer to the next probe; kForever = there is no next one.
Millis NextProbeIn(const Probe& probe, const ProbeRecord& line);

}  // namespace foster
