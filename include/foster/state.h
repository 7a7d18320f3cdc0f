// SPDX-License-Identifier: MIT
// What a service is (State) and what is wanted of it (Goal): the one closed set of words that every part of
// foster, and every client, uses. Not: the rules that lead from one to the other
// (src/core/service_machine.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace foster {

enum class State : std::uint8_t {
  kStopped,    // no process, goal down
  kWaiting,    // goal up, a gate is closed
  kStarting,   // spawn asked for, or spawned and not yet ready
  kRunning,    // ready, or past its start time
  kStopping,   // stop signal or command sent, grace running
  kKilling,    // SIGKILL sent
  kFinishing,  // the finish script runs
  kBackoff,    // waits before the next try
  kExited,     // ended by itself and is not to be restarted
  kFailed,     // gave up, or cannot be started
};
inline constexpr State kLastState = State::kFailed;

enum class Goal : std::uint8_t { kDown, kUp, kOnce };

// What a process is for, within its service. At most one live process per (service, role).
enum class Role : std::uint8_t {
  kMain,    // run of a longrun, up of a oneshot
  kFinish,  // finish script of a longrun
  kDown,    // down script of a oneshot
  kStop,    // stop command; runs beside the main process
};
inline constexpr std::size_t kRoles = 4;

// What a person said about the goal, stronger than every request, gate, schedule and reload. Only a shutdown
// overrules it.
enum class Pin : std::uint8_t { kNone, kDown, kUp };

// "stopped", "waiting", ... as in `svc status --json`.
std::string_view NameOf(State state);
std::string_view NameOf(Goal goal);
std::string_view NameOf(Role role);
std::string_view NameOf(Pin pin);  // "none", "down", "up"
std::optional<State> StateFromName(std::string_view name);
std::optional<Goal> GoalFromName(std::string_view name);
std::optional<Role> RoleFromName(std::string_view name);
std::optional<Pin> PinFromName(std::string_view name);

}  // namespace foster
