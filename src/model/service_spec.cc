// SPDX-License-Identifier: MIT
#include "foster/service_spec.h"

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<ServiceType, ServiceType::kOneshot> kTypes{{"longrun", "oneshot"}};
constexpr EnumNames<GateKind, GateKind::kCompletedSuccessfully> kGates{
    {"started", "ready", "healthy", "completed", "completed_successfully"}};
constexpr EnumNames<SignalScope, SignalScope::kTree> kScopes{{"process", "group", "tree"}};
constexpr EnumNames<RestartWhen, RestartWhen::kAlways> kWhens{{"never", "on_failure", "always"}};

}  // namespace

std::string_view NameOf(ServiceType type) { return kTypes.NameOf(type); }
std::string_view NameOf(GateKind kind) { return kGates.NameOf(kind); }
std::string_view NameOf(SignalScope scope) { return kScopes.NameOf(scope); }
std::string_view NameOf(RestartWhen when) { return kWhens.NameOf(when); }
std::optional<ServiceType> ServiceTypeFromName(std::string_view name) { return kTypes.FromName(name); }
std::optional<GateKind> GateKindFromName(std::string_view name) { return kGates.FromName(name); }
std::optional<SignalScope> SignalScopeFromName(std::string_view name) { return kScopes.FromName(name); }
std::optional<RestartWhen> RestartWhenFromName(std::string_view name) { return kWhens.FromName(name); }

}  // namespace foster
