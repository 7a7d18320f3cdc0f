// SPDX-License-Identifier: MIT
#include "foster/service_spec.h"

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<ServiceType, ServiceType::kOneshot> kTypes{{"longrun", "oneshot"}};
constexpr EnumNames<GateKind, GateKind::kStopped> kGates{
    {"started", "ready", "healthy", "completed", "completed_successfully", "stopped"}};
constexpr EnumNames<SignalScope, SignalScope::kTree> kScopes{{"process", "group", "tree"}};
constexpr EnumNames<RestartWhen, RestartWhen::kAlways> kWhens{{"never", "on_failure", "always"}};
constexpr EnumNames<GateStrength, GateStrength::kOrder> kStrengths{{"hard", "soft", "milestone", "order"}};
constexpr EnumNames<StopMethod, StopMethod::kKeys> kMethods{{"signal", "command", "keys"}};
constexpr EnumNames<ExitRule::Verdict, ExitRule::Verdict::kFail> kVerdicts{{"restart", "done", "fail"}};
constexpr EnumNames<Follow, Follow::kLast> kFollows{{"none", "pid_file", "main_pid", "last"}};
constexpr EnumNames<Stdin, Stdin::kTerminal> kStdins{{"null", "pipe", "terminal"}};
constexpr EnumNames<Consequence, Consequence::kEndContainer> kConsequences{
    {"none", "end_workload", "end_container"}};

}  // namespace

std::string_view NameOf(ServiceType type) { return kTypes.NameOf(type); }
std::string_view NameOf(GateKind kind) { return kGates.NameOf(kind); }
std::string_view NameOf(SignalScope scope) { return kScopes.NameOf(scope); }
std::string_view NameOf(RestartWhen when) { return kWhens.NameOf(when); }
std::string_view NameOf(GateStrength strength) { return kStrengths.NameOf(strength); }
std::string_view NameOf(StopMethod method) { return kMethods.NameOf(method); }
std::string_view NameOf(ExitRule::Verdict verdict) { return kVerdicts.NameOf(verdict); }
std::string_view NameOf(Follow follow) { return kFollows.NameOf(follow); }
std::string_view NameOf(Stdin stdin_from) { return kStdins.NameOf(stdin_from); }
std::string_view NameOf(Consequence consequence) { return kConsequences.NameOf(consequence); }
std::optional<ServiceType> ServiceTypeFromName(std::string_view name) { return kTypes.FromName(name); }
std::optional<GateKind> GateKindFromName(std::string_view name) { return kGates.FromName(name); }
std::optional<SignalScope> SignalScopeFromName(std::string_view name) { return kScopes.FromName(name); }
std::optional<RestartWhen> RestartWhenFromName(std::string_view name) { return kWhens.FromName(name); }
std::optional<GateStrength> GateStrengthFromName(std::string_view name) { return kStrengths.FromName(name); }
std::optional<StopMethod> StopMethodFromName(std::string_view name) { return kMethods.FromName(name); }
std::optional<ExitRule::Verdict> ExitVerdictFromName(std::string_view name) {
  return kVerdicts.FromName(name);
}
std::optional<Follow> FollowFromName(std::string_view name) { return kFollows.FromName(name); }
std::optional<Stdin> StdinFromName(std::string_view name) { return kStdins.FromName(name); }
std::optional<Consequence> ConsequenceFromName(std::string_view name) { return kConsequences.FromName(name); }

}  // namespace foster
