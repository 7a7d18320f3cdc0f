// SPDX-License-Identifier: MIT
#include "supervise/degrade.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

std::uint32_t Bit(Degradable part) { return 1u << static_cast<unsigned>(part); }

Isolation Everything() {
  Isolation isolation;
  isolation.cgroup.memory_max = 1 << 20;
  isolation.cgroup.pids_max = 7;
  isolation.nice = -5;
  isolation.private_tmp = isolation.private_pids = true;
  isolation.limits = {{"as", 1 << 10, 1 << 30}};
  isolation.may_degrade = (1u << kDegradables) - 1;
  return isolation;
}

}  // namespace

TEST_CASE("only what is asked for and may be left out is left out, once") {
  Isolation isolation = Everything();
  CHECK(PartToLeaveOut(isolation, 0, kStageNice) == Degradable::kNice);
  CHECK_FALSE(PartToLeaveOut(isolation, Bit(Degradable::kNice), kStageNice));
  CHECK_FALSE(PartToLeaveOut(isolation, 0, kStageOomScore));  // not asked for
  CHECK_FALSE(PartToLeaveOut(isolation, 0, kStageUid));
  isolation.may_degrade = 0;
  CHECK_FALSE(PartToLeaveOut(isolation, 0, kStageNice));
}

TEST_CASE("of two namespaces the pids go first, then /tmp") {
  Isolation isolation = Everything();
  CHECK(PartToLeaveOut(isolation, 0, kStageNamespace) == Degradable::kPrivatePids);
  CHECK(PartToLeaveOut(isolation, Bit(Degradable::kPrivatePids), kStageNamespace) == Degradable::kPrivateTmp);
  isolation.may_degrade = Bit(Degradable::kPrivateTmp);
  CHECK(PartToLeaveOut(isolation, 0, kStageNamespace) == Degradable::kPrivateTmp);
}

TEST_CASE("a cgroup that cannot be becomes the nearest limits, the tighter ones count") {
  Isolation rest = Without(Everything(), Bit(Degradable::kCgroup));
  CHECK_FALSE(rest.cgroup.any());
  CHECK(rest.limits == std::vector<ResourceLimit>{{"as", 1 << 10, 1 << 20}, {"nproc", 7, 7}});
  CHECK(rest.nice == -5);
  CHECK(DegradedText(Everything(), Degradable::kCgroup, "Read-only file system") ==
        "cgroup: Read-only file system; memory_max by RLIMIT_AS; pids_max by RLIMIT_NPROC");
}

TEST_CASE("each part can be left out alone") {
  Isolation isolation = Everything();
  CHECK(Without(isolation, 0) == isolation);
  CHECK_FALSE(Without(isolation, Bit(Degradable::kNice)).nice);
  CHECK(Without(isolation, Bit(Degradable::kLimits)).limits.empty());
  CHECK_FALSE(Without(isolation, Bit(Degradable::kPrivateTmp)).private_tmp);
  CHECK(Without(isolation, Bit(Degradable::kPrivateTmp)).private_pids);
}

}  // namespace foster
