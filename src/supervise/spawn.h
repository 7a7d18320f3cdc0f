// SPDX-License-Identifier: MIT
// MakeSpawnWish: a service and the role to run -> everything that the spawn plan says, with users, groups and
// PATH looked up now. Not: sending it. Called by: Effects. Invariant: a failure names its stage
// (init_protocol.h) and errno, as if init had failed there.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/event.h"
#include "foster/init_protocol.h"
#include "supervise/held_fds.h"
#include "sys/spawn_plan_builder.h"

namespace foster {

struct SpawnRequest {
  const ServiceSpec* spec = nullptr;
  Role role = Role::kMain;
  const Command* command = nullptr;  // instead of the role's own: an exec probe
  ExitStatus status;                 // for finish: how the main process ended
  std::int32_t main_pid = 0;         // for finish: its process group; for stop: MAINPID
  bool has_out_pipe = true;          // else foster's own stdout and stderr
  bool has_err_pipe = true;
  bool has_notify = false;               // the write end of its notification pipe is fd 0 of the message
  bool has_stdin = false;                // "stdin:NAME" of the store
  int cgroup_fd = -1;                    // which fd of the message is its cgroup; -1 = none
  std::vector<std::string> environment;  // over everything else
  std::vector<HeldFd> listen_fds;
};

struct SpawnProblem {
  SpawnStage stage = kStageNone;
  int error = 0;
  std::string text;
};

std::variant<SpawnWish, SpawnProblem> MakeSpawnWish(const SpawnRequest& request,
                                                    const std::vector<std::string>& own_environment);

// This process's environment without what is between init and supervise.
std::vector<std::string> OwnEnvironment();
// `base` with the members of `over` put in, last wins.
std::vector<std::string> MergeEnvironment(const std::vector<std::string>& base,
                                          const std::vector<std::string>& over);
std::string_view ValueIn(const std::vector<std::string>& environment, std::string_view name);
// The path of this program, for its other roles.
std::string SelfPath();

}  // namespace foster
