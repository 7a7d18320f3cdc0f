// SPDX-License-Identifier: MIT
#include "supervise/spawn_isolation.h"

#include <cstring>

#include "sys/capabilities.h"
#include "sys/identity.h"
#include "sys/path_search.h"
#include "sys/rlimits.h"

namespace foster {
namespace {

constexpr unsigned kIoClassShift = 13;  // of ioprio_set(2)

std::optional<SpawnProblem> AddIdentity(const ServiceSpec& spec, SpawnWish* wish) {
  auto identity = ResolveIdentity(spec.identity.user, spec.identity.group, spec.isolation.groups);
  if (!identity.ok()) {
    bool about_group = spec.identity.user.empty();
    return SpawnProblem{about_group ? kStageGid : kStageUid, identity.error().code(),
                        identity.error().message()};
  }
  wish->uid = identity->uid;
  wish->gid = identity->gid;
  wish->groups = identity->groups;
  wish->umask = spec.identity.umask;
  return std::nullopt;
}

std::optional<SpawnProblem> AddLimits(const Isolation& isolation, SpawnWish* wish) {
  for (const ResourceLimit& limit : isolation.limits) {
    auto number = RlimitNumber(limit.resource);
    if (!number) return SpawnProblem{kStageRlimit, EINVAL, "there is no limit '" + limit.resource + "'"};
    wish->rlimits.push_back({*number, 0, limit.soft, limit.hard});
  }
  return std::nullopt;
}

std::optional<SpawnProblem> AddCapabilities(const Isolation& isolation, SpawnWish* wish) {
  auto ambient = CapabilitySet(isolation.ambient_capabilities);
  auto kept = CapabilitySet(isolation.capabilities.value_or(std::vector<std::string>{}));
  for (const auto* set : {&ambient, &kept})
    if (!set->ok()) return SpawnProblem{kStageCapabilities, set->error().code(), set->error().message()};
  if (isolation.capabilities) wish->bounding_set = *kept | *ambient;
  if (!isolation.ambient_capabilities.empty()) wish->ambient_set = *ambient;
  return std::nullopt;
}

std::uint32_t IoPriority(const Isolation& isolation) {
  std::uint32_t level = isolation.io_class == IoClass::kIdle ? 0 : isolation.io_priority;
  return static_cast<std::uint32_t>(isolation.io_class) << kIoClassShift | level;
}
static_assert(static_cast<int>(IoClass::kRealtime) == 1 && static_cast<int>(IoClass::kBestEffort) == 2 &&
              static_cast<int>(IoClass::kIdle) == 3);

std::optional<SpawnProblem> AddRoot(const Isolation& isolation, SpawnWish* wish) {
  if (isolation.chroot.empty()) return std::nullopt;
  if (int error = LookForDirectory(isolation.chroot); error != 0)
    return SpawnProblem{kStageChroot, error,
                        "no root directory '" + isolation.chroot + "': " + std::strerror(error)};
  wish->chroot = isolation.chroot;
  return std::nullopt;
}

}  // namespace

std::optional<SpawnProblem> AddIsolation(const SpawnRequest& request, SpawnWish* wish) {
  const ServiceSpec& spec = *request.spec;
  const Isolation& isolation = spec.isolation;
  if (auto problem = AddIdentity(spec, wish)) return problem;
  if (auto problem = AddLimits(isolation, wish)) return problem;
  if (auto problem = AddCapabilities(isolation, wish)) return problem;
  if (auto problem = AddRoot(isolation, wish)) return problem;
  wish->nice = isolation.nice;
  wish->oom_score_adj = isolation.oom_score_adj;
  wish->no_new_privs = isolation.no_new_privs;
  if (isolation.io_class != IoClass::kNone) wish->io_priority = IoPriority(isolation);
  if (request.cgroup_fd >= 0) wish->cgroup_fd = static_cast<std::uint32_t>(request.cgroup_fd);
  // What runs beside or after the main process must see it, and what it left.
  bool is_main = request.role == Role::kMain && request.command == nullptr;
  wish->private_tmp = is_main && isolation.private_tmp;
  wish->private_pids = is_main && isolation.private_pids;
  wish->terminal = is_main && request.has_stdin && spec.stdin_from == Stdin::kTerminal;
  return std::nullopt;
}

}  // namespace foster
