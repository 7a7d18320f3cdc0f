// SPDX-License-Identifier: MIT
#include "core/probe_count.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

constexpr MonoTime kT0{Millis{1'000'000}};

Probe Tcp() {
  Probe probe;
  probe.kind = ProbeKind::kTcp;
  probe.period = Millis{1000};
  probe.failure_threshold = 3;
  probe.success_threshold = 2;
  return probe;
}

}  // namespace

TEST_CASE("it passes after enough successes in a row, and is lost after enough failures") {
  const Probe probe = Tcp();
  ProbeRecord line{.began = kT0};
  CHECK(CountAnswer(probe, line, true, kT0) == ProbeNews::kNone);
  CHECK(CountAnswer(probe, line, false, kT0) == ProbeNews::kNone);
  CHECK(CountAnswer(probe, line, true, kT0) == ProbeNews::kNone);
  CHECK(NextProbeIn(probe, line) == Millis{250});
  CHECK(CountAnswer(probe, line, true, kT0) == ProbeNews::kPassed);
  CHECK(NextProbeIn(probe, line) == Millis{1000});
  CHECK(CountAnswer(probe, line, false, kT0) == ProbeNews::kNone);
  CHECK(CountAnswer(probe, line, false, kT0) == ProbeNews::kNone);
  CHECK(CountAnswer(probe, line, false, kT0) == ProbeNews::kFailed);
  CHECK(CountAnswer(probe, line, false, kT0) == ProbeNews::kNone);
  CHECK(CountAnswer(probe, line, true, kT0) == ProbeNews::kNone);
  CHECK(CountAnswer(probe, line, true, kT0) == ProbeNews::kPassed);
}

TEST_CASE("before the first success time counts, not the quick probes") {
  const Probe probe = Tcp();
  ProbeRecord line{.began = kT0};
  for (int i = 0; i < 20; ++i) CHECK(CountAnswer(probe, line, false, kT0 + Millis{2999}) == ProbeNews::kNone);
  CHECK(CountAnswer(probe, line, false, kT0 + Millis{3000}) == ProbeNews::kFailed);
  ProbeRecord hanging{.began = kT0};
  CHECK(CountAnswer(probe, hanging, false, kT0 + Millis{3000}) == ProbeNews::kFailed);
}

TEST_CASE("a log line is asked for once; nothing is asked too often") {
  Probe probe = Tcp();
  probe.quick_period = Millis{5000};
  CHECK(NextProbeIn(probe, {}) == Millis{1000});
  probe.period = probe.quick_period = Millis{0};
  CHECK(NextProbeIn(probe, {}) == Millis{1});
  probe.period = kForever;
  ProbeRecord line{.began = kT0};
  CHECK(CountAnswer(probe, line, false, kNoDeadline - Millis{1}) == ProbeNews::kNone);
  probe.kind = ProbeKind::kLogLine;
  CHECK(NextProbeIn(probe, {}) == kForever);
  CHECK(CountAnswer(probe, line, false, kT0) == ProbeNews::kFailed);
}

}  // namespace foster
