// SPDX-License-Identifier: MIT
#include "foster/probe.h"

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<ProbeKind, ProbeKind::kListen> kKinds{
    {"none", "exec", "http", "tcp", "file", "log_line", "listen"}};
constexpr EnumNames<FailureAction, FailureAction::kByPolicy> kActions{
    {"ignore", "restart", "stop", "end_workload", "by_policy"}};

}  // namespace

std::string_view NameOf(ProbeKind kind) { return kKinds.NameOf(kind); }
std::string_view NameOf(FailureAction action) { return kActions.NameOf(action); }
std::optional<ProbeKind> ProbeKindFromName(std::string_view name) { return kKinds.FromName(name); }
std::optional<FailureAction> FailureActionFromName(std::string_view name) { return kActions.FromName(name); }

}  // namespace foster
