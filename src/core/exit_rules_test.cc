// SPDX-License-Identifier: MIT
#include "core/exit_rules.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>

#include "core/story.h"
#include "foster/init_protocol.h"

namespace foster {

TEST_CASE("codes and signals may each count as success") {
  ServiceSpec spec;
  spec.success_codes = {0, 3};
  spec.success_signals = {SIGTERM};
  CHECK(IsSuccess(spec, {3, 0}));
  CHECK_FALSE(IsSuccess(spec, {1, 0}));
  CHECK(IsSuccess(spec, {0, SIGTERM}));
  CHECK_FALSE(IsSuccess(spec, {0, SIGKILL}));
  CHECK_FALSE(EndedWell(spec, {.kind = CauseKind::kLost, .status = {0, 0}}));
}

TEST_CASE("the first rule that fits a real end counts") {
  ServiceSpec spec;
  spec.restart.rules = {{.value = 9, .verdict = ExitRule::Verdict::kDone},
                        {.is_signal = true, .value = 9, .verdict = ExitRule::Verdict::kFail},
                        {.value = 9, .verdict = ExitRule::Verdict::kRestart}};
  const ExitRule* by_code = FindRule(spec, {.kind = CauseKind::kExited, .status = {9, 0}});
  const ExitRule* by_signal = FindRule(spec, {.kind = CauseKind::kSignaled, .status = {0, 9}});
  REQUIRE(by_code != nullptr);
  REQUIRE(by_signal != nullptr);
  CHECK(by_code->verdict == ExitRule::Verdict::kDone);
  CHECK(by_signal->verdict == ExitRule::Verdict::kFail);
  CHECK(FindRule(spec, {.kind = CauseKind::kUnhealthy, .status = {9, 0}}) == nullptr);
  CHECK(FindRule(spec, {.kind = CauseKind::kExited, .status = {8, 0}}) == nullptr);
}

TEST_CASE("a start that cannot be isolated as asked is not tried again") {
  const auto failed = [](SpawnStageNumber stage, int error) {
    return Cause{.kind = CauseKind::kSpawnFailed, .stage = stage, .error = error};
  };
  CHECK(IsHopeless(failed(kStageUid, ENOENT)));
  CHECK(IsHopeless(failed(kStageNamespace, EPERM)));
  CHECK_FALSE(IsHopeless(failed(kStageUid, EAGAIN)));
  CHECK_FALSE(IsHopeless(failed(kStageFork, EPERM)));
  CHECK_FALSE(IsHopeless(failed(kStageExec, ENOENT)));
  CHECK_FALSE(IsHopeless({.kind = CauseKind::kExited, .stage = kStageUid}));

  story::Story story(story::Longrun("a"));
  story.Step({.kind = EventKind::kSpawnFailed, .incarnation = 1, .stage = kStageUid, .error = ENOENT});
  CHECK(story.record().state == State::kFailed);
  CHECK(story.record().cause.kind == CauseKind::kSpawnFailed);
}

}  // namespace foster
