// SPDX-License-Identifier: MIT
#include "foster/isolation.h"

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<IoClass, IoClass::kIdle> kClasses{{"none", "realtime", "best_effort", "idle"}};
constexpr EnumNames<Degradable, Degradable::kPrivatePids> kParts{
    {"cgroup", "nice", "io_priority", "oom_score", "limits", "capabilities", "private_tmp", "private_pids"}};

}  // namespace

std::string_view NameOf(IoClass io_class) { return kClasses.NameOf(io_class); }
std::string_view NameOf(Degradable part) { return kParts.NameOf(part); }
std::optional<IoClass> IoClassFromName(std::string_view name) { return kClasses.FromName(name); }
std::optional<Degradable> DegradableFromName(std::string_view name) { return kParts.FromName(name); }

}  // namespace foster
