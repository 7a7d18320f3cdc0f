// SPDX-License-Identifier: MIT
#include "foster/state.h"

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<State, kLastState> kStates{{"stopped", "waiting", "starting", "running", "stopping",
                                                "killing", "finishing", "backoff", "exited", "failed"}};
constexpr EnumNames<Goal, Goal::kOnce> kGoals{{"down", "up", "once"}};
constexpr EnumNames<Role, Role::kDown> kRoles{{"main", "finish", "down"}};

}  // namespace

std::string_view NameOf(State state) { return kStates.NameOf(state); }
std::string_view NameOf(Goal goal) { return kGoals.NameOf(goal); }
std::string_view NameOf(Role role) { return kRoles.NameOf(role); }
std::optional<State> StateFromName(std::string_view name) { return kStates.FromName(name); }
std::optional<Goal> GoalFromName(std::string_view name) { return kGoals.FromName(name); }
std::optional<Role> RoleFromName(std::string_view name) { return kRoles.FromName(name); }

}  // namespace foster
