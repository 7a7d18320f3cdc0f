// SPDX-License-Identifier: MIT
#include "supervise/degrade.h"

#include <algorithm>
#include <initializer_list>

namespace foster {
namespace {

bool Has(std::uint32_t left_out, Degradable part) {
  return (left_out >> static_cast<unsigned>(part) & 1) != 0;
}

bool IsAsked(const Isolation& isolation, Degradable part) {
  switch (part) {
    case Degradable::kCgroup:
      return isolation.cgroup.any();
    case Degradable::kNice:
      return isolation.nice.has_value();
    case Degradable::kIoPriority:
      return isolation.io_class != IoClass::kNone;
    case Degradable::kOomScore:
      return isolation.oom_score_adj.has_value();
    case Degradable::kLimits:
      return !isolation.limits.empty();
    case Degradable::kCapabilities:
      return isolation.capabilities.has_value() || !isolation.ambient_capabilities.empty();
    case Degradable::kPrivateTmp:
      return isolation.private_tmp;
    case Degradable::kPrivatePids:
      return isolation.private_pids;
  }
  return false;
}

std::initializer_list<Degradable> PartsAt(SpawnStage stage) {
  static constexpr std::initializer_list<Degradable> kNothing = {};
  static constexpr std::initializer_list<Degradable> kCgroupPart = {Degradable::kCgroup};
  static constexpr std::initializer_list<Degradable> kNamespaces = {Degradable::kPrivatePids,
                                                                    Degradable::kPrivateTmp};
  static constexpr std::initializer_list<Degradable> kLimitParts = {Degradable::kLimits};
  static constexpr std::initializer_list<Degradable> kNiceParts = {Degradable::kNice};
  static constexpr std::initializer_list<Degradable> kIoParts = {Degradable::kIoPriority};
  static constexpr std::initializer_list<Degradable> kOomParts = {Degradable::kOomScore};
  static constexpr std::initializer_list<Degradable> kCapabilityParts = {Degradable::kCapabilities};
  if (stage == kStageCgroup) return kCgroupPart;
  if (stage == kStageNamespace) return kNamespaces;
  if (stage == kStageRlimit) return kLimitParts;
  if (stage == kStageNice) return kNiceParts;
  if (stage == kStageIoPriority) return kIoParts;
  if (stage == kStageOomScore) return kOomParts;
  if (stage == kStageCapabilities) return kCapabilityParts;
  return kNothing;
}

// The tighter one counts.
void AddLimit(const std::string& resource, std::uint64_t value, Isolation* isolation) {
  for (ResourceLimit& limit : isolation->limits) {
    if (limit.resource != resource) continue;
    limit.soft = std::min(limit.soft, value);
    limit.hard = std::min(limit.hard, value);
    return;
  }
  isolation->limits.push_back({resource, value, value});
}

void UseRlimits(Isolation* isolation) {
  if (isolation->cgroup.memory_max) AddLimit("as", *isolation->cgroup.memory_max, isolation);
  if (isolation->cgroup.pids_max) AddLimit("nproc", *isolation->cgroup.pids_max, isolation);
  isolation->cgroup = {};
}

}  // namespace

std::optional<Degradable> PartToLeaveOut(const Isolation& isolation, std::uint32_t left_out,
                                         SpawnStage stage) {
  for (Degradable part : PartsAt(stage))
    if (IsAsked(isolation, part) && isolation.MayDegrade(part) && !Has(left_out, part)) return part;
  return std::nullopt;
}

Isolation Without(const Isolation& isolation, std::uint32_t left_out) {
  Isolation rest = isolation;
  if (Has(left_out, Degradable::kCgroup)) UseRlimits(&rest);
  if (Has(left_out, Degradable::kNice)) rest.nice.reset();
  if (Has(left_out, Degradable::kIoPriority)) rest.io_class = IoClass::kNone;
  if (Has(left_out, Degradable::kOomScore)) rest.oom_score_adj.reset();
  if (Has(left_out, Degradable::kLimits)) rest.limits.clear();
  if (Has(left_out, Degradable::kCapabilities)) {
    rest.capabilities.reset();
    rest.ambient_capabilities.clear();
  }
  if (Has(left_out, Degradable::kPrivateTmp)) rest.private_tmp = false;
  if (Has(left_out, Degradable::kPrivatePids)) rest.private_pids = false;
  return rest;
}

std::string DegradedText(const Isolation& isolation, Degradable part, const std::string& why) {
  std::string text = std::string(NameOf(part)) + ": " + why;
  if (part != Degradable::kCgroup) return text;
  if (isolation.cgroup.memory_max) text += "; memory_max by RLIMIT_AS";
  if (isolation.cgroup.pids_max) text += "; pids_max by RLIMIT_NPROC";
  return text;
}

}  // namespace foster
