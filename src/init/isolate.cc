// SPDX-License-Identifier: MIT
#include "isolate.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan_check.h"

namespace foster::init {
namespace {

constexpr unsigned long kHarmless = MS_NOSUID | MS_NODEV;

// `path` as the service will see it. False: too long.
bool Inside(const SpawnPlan& plan, const char* path, char (&where)[4096]) {
  const char* root = plan.chroot != 0 ? PlanText(plan, plan.chroot) : "";
  int length = snprintf(where, sizeof where, "%s%s", root, path);
  if (length > 0 && static_cast<size_t>(length) < sizeof where) return true;
  errno = ENAMETOOLONG;
  return false;
}

// A directory that is not there needs no mount, if it is `optional`.
bool Mount(const SpawnPlan& plan, const char* type, const char* path, unsigned long flags,
           const char* options, bool optional) {
  char where[4096];
  struct stat info;
  if (!Inside(plan, path, where)) return false;
  if (optional && (stat(where, &info) != 0 || !S_ISDIR(info.st_mode))) return true;
  return mount(type, where, type, flags, options) == 0;
}

bool HasRoot(const SpawnPlan& plan) { return plan.chroot != 0; }

}  // namespace

int NamespacesOf(const SpawnPlan& plan) {
  return (plan.flags & kSpawnPrivatePids) != 0 ? CLONE_NEWPID | CLONE_NEWNS : 0;
}

bool EnterNamespaces(const SpawnPlan& plan) {
  if (NamespacesOf(plan) == 0 && unshare(CLONE_NEWNS) != 0) return false;
  // What is mounted outside later is seen; what is mounted here stays here.
  if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return false;
  if ((plan.flags & kSpawnPrivatePids) != 0 &&
      !Mount(plan, "proc", "/proc", kHarmless | MS_NOEXEC, nullptr, HasRoot(plan)))
    return false;
  if ((plan.flags & kSpawnPrivateTmp) == 0) return true;
  return Mount(plan, "tmpfs", "/tmp", kHarmless, "mode=1777", false) &&
         Mount(plan, "tmpfs", "/var/tmp", kHarmless, "mode=1777", true);
}

bool EnterRoot(const SpawnPlan& plan) {
  // A relative directory of the plan must not lead out.
  return plan.chroot == 0 || (chroot(PlanText(plan, plan.chroot)) == 0 && chdir("/") == 0);
}

}  // namespace foster::init
