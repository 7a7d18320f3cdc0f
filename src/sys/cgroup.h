// SPDX-License-Identifier: MIT
// cgroup v2 as files: finding a place of our own below foster's cgroup, making a group, its limits, its end.
// Not: which service is in which (supervise/cgroups.h). Invariants: only directories that were made and
// locked here are changed, but for one case: limits need controllers, and the kernel gives those only to a
// cgroup without processes of its own, so all processes of foster's cgroup are then moved into "init" below
// it - the same that Docker-in-Docker does. Groups lie beside "init", so neither's move touches them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/isolation.h"

namespace foster {

// Where the cgroup `path` of /proc/self/cgroup lies, by /proc/self/mountinfo. Error: nowhere; the file system
// of the machine in a namespace of our own is not a place for us, though its root is called the same.
Result<std::string> CgroupDirectoryIn(std::string_view mountinfo, std::string_view path);
// The directory of foster's own cgroup v2, as this process sees it. Error: there is none that can be used.
Result<std::string> OwnCgroupDirectory();
// Makes and locks "foster", or "foster-2", ... in `parent`. The lock lives as long as any copy of the fd.
Result<UniqueFd> ClaimCgroup(const std::string& parent);
// Which of cpu, memory and pids the cgroup above `base` has: those that EnableControllers could give.
std::string UsableControllers(int base);
// Lets groups in `base` have limits.
Result<void> EnableControllers(int base);

// Makes the group if it is not there.
Result<UniqueFd> OpenGroup(int base, const std::string& name);
// Sets all limits: those not asked for are none.
Result<void> SetGroupLimits(int group, const CgroupLimits& limits);
Result<void> KillGroup(int base, const std::string& name);
Result<void> RemoveGroup(int base, const std::string& name);
// Every group below `base` without processes, then `base` itself.
void RemoveGroups(int base);

}  // namespace foster
