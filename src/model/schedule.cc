// SPDX-License-Identifier: MIT
#include "foster/schedule.h"

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<ScheduleKind, ScheduleKind::kOnce> kKinds{{"none", "cron", "interval", "once"}};
constexpr EnumNames<Overlap, Overlap::kReplace> kOverlaps{{"skip", "queue", "replace"}};

}  // namespace

std::string_view NameOf(ScheduleKind kind) { return kKinds.NameOf(kind); }
std::string_view NameOf(Overlap overlap) { return kOverlaps.NameOf(overlap); }
std::optional<ScheduleKind> ScheduleKindFromName(std::string_view name) { return kKinds.FromName(name); }
std::optional<Overlap> OverlapFromName(std::string_view name) { return kOverlaps.FromName(name); }

}  // namespace foster
