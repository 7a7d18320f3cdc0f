// SPDX-License-Identifier: MIT
// Cgroups: the cgroup of each service, where cgroup v2 can be written: its limits, and the surest way to kill
// all of its processes. Not: the files (sys/cgroup.h). Called by: Spawner, Effects, Supervisor, Boot.
// Invariants: without cgroups everything else works as it does; a limit that cannot be set is an error of the
// spawn, never left out in silence; the directory is locked through init's store, so two fosters never share
// one.
#pragma once

#include <string>

#include "foster/isolation.h"
#include "supervise/store.h"
#include "sys/cgroup.h"

namespace foster {

class Cgroups {
 public:
  explicit Cgroups(Store& store) : store_(store) {}

  // First boot: looks for a place.
  void Create();
  // After a restart: takes it from the store.
  void Resume();

  // The open cgroup of the service with its limits set; no fd: there is none and no limit is asked for.
  Result<UniqueFd> Enter(const std::string& service, const CgroupLimits& limits);
  // SIGKILL to every process in it.
  void Kill(const std::string& service);
  // When its last process is gone. Where one is left after all, it stays.
  void Leave(const std::string& service);
  void LeaveAll();

  bool usable() const { return static_cast<bool>(base_); }
  // Of cpu, memory and pids those that limits can use: "cpu memory pids".
  std::string Controllers() const;
  const std::string& why_not() const { return why_not_; }

 private:
  Store& store_;
  UniqueFd base_;
  std::string why_not_ = "not looked for yet";
  int why_not_code_ = 0;
  bool has_controllers_ = false;  // asked for once
};

// The directory of a service: its name, or where that cannot be one, as much of it as can with a hash.
std::string CgroupNameOf(const std::string& service);

}  // namespace foster
