// SPDX-License-Identifier: MIT
// BuildSpawnPlan: what is to be executed, as plain values -> the flat plan of init_protocol.h in a sealed
// memfd. Not: deciding anything; names are numbers and argv[0] is a path by now. Called by: src/supervise.
// Invariant: what ReadSpawnPlan accepts is what init accepts; a plan too large is an error here, not there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/init_protocol.h"

namespace foster {

struct FdWish {
  FdSourceKind kind = kFdNull;
  std::uint32_t value = 0;  // kFdInherit: init's fd; kFdMessage: index; kFdStore: 0 or 1
  std::string store_name;   // kFdStore
  int target = 0;           // ignored for stdio
  bool operator==(const FdWish&) const = default;
};

struct SpawnWish {
  std::string file;
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::string cwd;  // empty: "/"
  std::array<FdWish, 3> stdio;
  std::vector<FdWish> fds;
  bool session = true;
  bool terminal = false;  // fd 0 becomes the controlling terminal
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
  std::optional<std::vector<std::uint32_t>> groups;
  std::optional<std::uint32_t> umask;
  std::vector<RlimitPlan> rlimits;
  std::optional<int> nice;                   // -20..19
  std::optional<std::uint32_t> io_priority;  // as ioprio_set(2) takes it: class << 13 | level
  std::optional<int> oom_score_adj;          // -1000..1000
  bool no_new_privs = false;
  std::optional<std::uint64_t> bounding_set;  // capabilities kept, one bit each
  std::optional<std::uint64_t> ambient_set;
  std::optional<std::uint32_t> cgroup_fd;  // which kFdMessage is the open cgroup directory
  std::string chroot;                      // empty: none; else absolute, and `file` and `cwd` are inside
  bool private_tmp = false;
  bool private_pids = false;
};

Result<std::string> EncodeSpawnPlan(const SpawnWish& wish);
Result<UniqueFd> BuildSpawnPlan(const SpawnWish& wish);

}  // namespace foster
