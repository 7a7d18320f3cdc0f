// SPDX-License-Identifier: MIT
#include "supervise/cgroups.h"

#include <cstring>

#include "sys/memfd.h"

namespace foster {
namespace {

constexpr std::string_view kStoreCgroup = "cgroup";  // [0] the locked directory
constexpr std::size_t kMaxName = 100;

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::string CgroupNameOf(const std::string& service) {
  std::string name = "svc-";  // no file of the kernel begins like this
  bool is_exact = service.size() <= kMaxName;
  for (char c : service.substr(0, kMaxName)) {
    is_exact = is_exact && IsPlain(c);
    name += IsPlain(c) ? c : '_';
  }
  return is_exact ? name : name + "-" + HashText(service);
}

void Cgroups::Create() {
  auto own = OwnCgroupDirectory();
  auto claimed = own.ok() ? ClaimCgroup(*own) : Result<UniqueFd>(own.error());
  if (!claimed.ok()) {
    why_not_ = claimed.error().message();
    why_not_code_ = claimed.error().code();
    return;
  }
  base_ = std::move(*claimed);
  RemoveGroups(base_.get());  // of a foster that was killed
  store_.Put(kStoreCgroup, [this](InitChannel::Fds* fds) {
    auto copy = Duplicate(base_.get());
    if (copy.ok()) fds->push_back(std::move(*copy));
    return copy.ok();
  });
}

void Cgroups::Resume() {
  if (!store_.Has(kStoreCgroup)) {
    Create();
    return;
  }
  store_.Get(kStoreCgroup, [this](InitChannel::Fds fds) {
    if (!fds.empty()) base_ = std::move(fds[0]);
  });
}

Result<UniqueFd> Cgroups::Enter(const std::string& service, const CgroupLimits& limits) {
  if (!base_) {
    if (!limits.any()) return UniqueFd();
    return Error("no cgroup: " + why_not_, why_not_code_ != 0 ? why_not_code_ : ENOENT);
  }
  if (limits.any() && !has_controllers_) {
    FOSTER_TRY(EnableControllers(base_.get()));
    has_controllers_ = true;
  }
  auto group = OpenGroup(base_.get(), CgroupNameOf(service));
  if (!group.ok()) {
    if (!limits.any()) return UniqueFd();  // it is a help, not a need
    return group.error();
  }
  auto set = SetGroupLimits(group->get(), limits);
  if (!set.ok()) return set.error();
  return group;
}

std::string Cgroups::Controllers() const { return base_ ? UsableControllers(base_.get()) : ""; }

void Cgroups::Kill(const std::string& service) {
  // A kernel before 5.14 has no cgroup.kill; init kills the tree in any case.
  if (base_) (void)KillGroup(base_.get(), CgroupNameOf(service));
}

void Cgroups::Leave(const std::string& service) {
  if (base_) (void)RemoveGroup(base_.get(), CgroupNameOf(service));  // EBUSY: the rest of an older life
}

void Cgroups::LeaveAll() {
  if (base_) RemoveGroups(base_.get());
}

}  // namespace foster
