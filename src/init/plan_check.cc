// SPDX-License-Identifier: MIT
#include "plan_check.h"

#include <string.h>

namespace foster::init {
namespace {

constexpr uint32_t kAllFlags = kSpawnPrivatePids * 2 - 1;

class Checker {
 public:
  Checker(const void* bytes, size_t size) : bytes_(static_cast<const char*>(bytes)), size_(size) {}

  bool IsText(uint32_t offset) const {
    return offset >= sizeof(SpawnPlan) && offset < size_ &&
           memchr(bytes_ + offset, '\0', size_ - offset) != nullptr;
  }

  bool IsArray(uint32_t offset, uint64_t count, size_t each, size_t alignment) const {
    if (count == 0) return true;
    return offset >= sizeof(SpawnPlan) && offset % alignment == 0 && offset <= size_ &&
           count <= (size_ - offset) / each;
  }

  // `count` offsets of strings, then a 0.
  bool IsTextList(uint32_t offset, uint32_t count) const {
    if (!IsArray(offset, static_cast<uint64_t>(count) + 1, sizeof(uint32_t), alignof(uint32_t))) return false;
    const auto* texts = reinterpret_cast<const uint32_t*>(bytes_ + offset);
    // Strings may share bytes; so that a small plan cannot cost long, every start is looked at once only.
    if (!HasFinalNul(texts, count)) return false;
    return texts[count] == 0;
  }

  bool IsSource(const FdSource& source, uint32_t message_fds) const {
    switch (source.kind) {
      case kFdNull:
      case kFdClosed:
        return true;
      case kFdInherit:
        return source.value <= 2;
      case kFdMessage:
        return source.value < message_fds;
      case kFdStore:
        return source.value <= 1 && IsText(source.name) && bytes_[source.name] != '\0' &&
               strlen(bytes_ + source.name) < kMaxNameLength;
      default:
        return false;
    }
  }

 private:
  // The last NUL of the plan ends every string that starts before it.
  bool HasFinalNul(const uint32_t* texts, uint32_t count) const {
    const void* last = memrchr(bytes_, '\0', size_);
    if (last == nullptr) return false;
    auto end = static_cast<size_t>(static_cast<const char*>(last) - bytes_);
    for (uint32_t i = 0; i < count; ++i)
      if (texts[i] < sizeof(SpawnPlan) || texts[i] > end) return false;
    return true;
  }

  const char* bytes_;
  size_t size_;
};

bool AreSoundFds(const Checker& check, const SpawnPlan& plan, uint32_t message_fds) {
  for (const FdSource& source : plan.stdio)
    if (!check.IsSource(source, message_fds)) return false;
  if (plan.fd_count > kMaxExtraFds ||
      !check.IsArray(plan.fds, plan.fd_count, sizeof(FdSource), alignof(FdSource)))
    return false;
  const auto* fds = PlanArray<FdSource>(plan, plan.fds);
  for (uint32_t i = 0; i < plan.fd_count; ++i) {
    if (!check.IsSource(fds[i], message_fds) || fds[i].target < 3 || fds[i].target > kMaxFdTarget)
      return false;
    for (uint32_t k = 0; k < i; ++k)
      if (fds[k].target == fds[i].target) return false;
  }
  return (plan.flags & kSpawnCgroup) == 0 || plan.cgroup_fd < message_fds;
}

}  // namespace

bool IsSoundPlan(const void* bytes, size_t size, uint32_t message_fds) {
  if (size < sizeof(SpawnPlan) || size > kMaxSpawnPlanBytes) return false;
  const auto& plan = *static_cast<const SpawnPlan*>(bytes);
  if (plan.magic != kSpawnPlanMagic || plan.version != kInitProtocolVersion) return false;
  if (plan.size < sizeof(SpawnPlan) || plan.size > size || (plan.flags & ~kAllFlags) != 0) return false;
  // To the kernel -1 means "as it is": the service would silently stay root.
  if ((plan.flags & kSpawnSetUid) != 0 && plan.uid == ~0u) return false;
  if ((plan.flags & kSpawnSetGid) != 0 && plan.gid == ~0u) return false;
  Checker check(bytes, plan.size);
  if (!check.IsText(plan.file) || *PlanText(plan, plan.file) != '/') return false;
  if (plan.cwd != 0 && !check.IsText(plan.cwd)) return false;
  if (plan.chroot != 0 && (!check.IsText(plan.chroot) || *PlanText(plan, plan.chroot) != '/')) return false;
  if (plan.argc == 0 || !check.IsTextList(plan.argv, plan.argc)) return false;
  if (!check.IsTextList(plan.envp, plan.envc)) return false;
  if (plan.rlimit_count > kMaxRlimits ||
      !check.IsArray(plan.rlimits, plan.rlimit_count, sizeof(RlimitPlan), alignof(RlimitPlan)))
    return false;
  if (plan.group_count > kMaxGroups ||
      !check.IsArray(plan.groups, plan.group_count, sizeof(uint32_t), alignof(uint32_t)))
    return false;
  return AreSoundFds(check, plan, message_fds);
}

}  // namespace foster::init
