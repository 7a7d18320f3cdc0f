// SPDX-License-Identifier: MIT
#include "supervise/probes.h"

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("the engine waits for one number of one life, while it is pending") {
  ServiceRecord record;
  record.incarnation = 3;
  ProbeOf(record, ProbeUse::kLiveness) = {.number = 9, .pending = true};
  CHECK(IsAwaited(record, ProbeUse::kLiveness, 3, 9));
  CHECK_FALSE(IsAwaited(record, ProbeUse::kLiveness, 2, 9));
  CHECK_FALSE(IsAwaited(record, ProbeUse::kLiveness, 3, 8));
  CHECK_FALSE(IsAwaited(record, ProbeUse::kReadiness, 3, 9));
  ProbeOf(record, ProbeUse::kLiveness).pending = false;
  CHECK_FALSE(IsAwaited(record, ProbeUse::kLiveness, 3, 9));
}

TEST_CASE("only what looks at the service's own processes needs one") {
  CHECK(NeedsProcess(ProbeKind::kLogLine));
  CHECK(NeedsProcess(ProbeKind::kListen));
  CHECK_FALSE(NeedsProcess(ProbeKind::kExec));
  CHECK_FALSE(NeedsProcess(ProbeKind::kHttp));
  CHECK_FALSE(NeedsProcess(ProbeKind::kTcp));
  CHECK_FALSE(NeedsProcess(ProbeKind::kFile));
}

TEST_CASE("a probe's words are one short line") {
  CHECK(OneLine("a\nb\x1b[0m") == "a b [0m");
  CHECK(OneLine(std::string(1'000, 'x')).size() == 300);
}

}  // namespace foster
