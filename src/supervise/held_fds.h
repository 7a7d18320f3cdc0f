// SPDX-License-Identifier: MIT
// HeldFds: fds that init's store holds for a service over its lives, and how they are handed to it
// (sd_listen_fds(3)). Here: those that the service gave away itself (FDSTORE=1). Not: its listening sockets
// (sockets.h), though they are handed over by the same AddListenFds. Called by: Spawner, SdNotify, Effects.
// Invariants: at most kMaxHeldFds for one service; the store alone knows them, so nothing is to be restored.
#pragma once

#include <string>
#include <vector>

#include "supervise/store.h"
#include "sys/spawn_plan_builder.h"

namespace foster {

inline constexpr std::size_t kMaxHeldFds = 64;

struct HeldFd {
  std::string store_name;
  unsigned index = 0;  // which of the store entry's two fds
  std::string name;    // in LISTEN_FDNAMES
  bool operator==(const HeldFd&) const = default;
};

// In the order in which they were given.
std::vector<HeldFd> HeldFdsOf(const Store& store, const std::string& service);
// False: it holds kMaxHeldFds already.
bool HoldFd(Store& store, const std::string& service, const std::string& name, UniqueFd fd);
void DropHeldFd(Store& store, const std::string& service, const std::string& name);
void DropHeldFds(Store& store, const std::string& service);

// From fd 3 on, with LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID. Nothing when there are none. False: one of
// them would lie where another fd of the service goes, or there are too many.
bool AddListenFds(const std::vector<HeldFd>& held, SpawnWish* wish);

}  // namespace foster
