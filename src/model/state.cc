// SPDX-License-Identifier: MIT
#include "foster/state.h"

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<State, kLastState> kStates{{"stopped", "waiting", "starting", "running", "stopping",
                                                "killing", "finishing", "backoff", "exited", "failed"}};
constexpr EnumNames<Goal, Goal::kOnce> kGoals{{"down", "up", "once"}};
constexpr EnumNames<Role, Role::kStop> kRoleNames{{"main", "finish", "down", "stop"}};
constexpr EnumNames<Pin, Pin::kUp> kPins{{"none", "down", "up"}};

}  // namespace

std::string_view NameOf(State state) { return kStates.NameOf(state); }
std::string_view NameOf(Goal goal) { return kGoals.NameOf(goal); }
std::string_view NameOf(Role role) { return kRoleNames.NameOf(role); }
std::string_view NameOf(Pin pin) { return kPins.NameOf(pin); }
std::optional<State> StateFromName(std::string_view name) { return kStates.FromName(name); }
std::optional<Goal> GoalFromName(std::string_view name) { return kGoals.FromName(name); }
std::optional<Role> RoleFromName(std::string_view name) { return kRoleNames.FromName(name); }
std::optional<Pin> PinFromName(std::string_view name) { return kPins.FromName(name); }

}  // namespace foster
