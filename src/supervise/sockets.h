// SPDX-License-Identifier: MIT
// Sockets: the listening sockets of services: opened when the plan is applied, held in init's store, handed
// to every incarnation, and watched while a service waits for its first connection. Not: opening one
// (sys/listen_sockets.h), nor accepting (the service). Called by: Effects, Spawner, Supervisor. Invariants: a
// socket lives as long as its service is in the plan with an equal SocketSpec and owner, over restarts of the
// service, of supervise and of init; the store alone knows them, by a name made of service and spec; a socket
// is watched only between kAwaitDemand and the end of that wait, so a connection that nobody takes wakes
// nobody.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "foster/plan.h"
#include "supervise/engine_driver.h"
#include "supervise/held_fds.h"
#include "supervise/spawn.h"
#include "supervise/store.h"
#include "sys/loop.h"

namespace foster {

class Sockets {
 public:
  Sockets(Loop& loop, Store& store, EngineDriver& driver) : loop_(loop), store_(store), driver_(driver) {}
  ~Sockets();

  // The plan in use: what it does not want any more is closed, what is new is opened. What cannot be opened
  // is tried again at the spawn, and named there.
  void Use(const Plan& plan);
  // Before a spawn: opens what is not open.
  std::optional<SpawnProblem> Open(const ServiceSpec& spec);
  // In the order of the spec, without the one that is stdin.
  static std::vector<HeldFd> FdsOf(const ServiceSpec& spec);
  static std::optional<HeldFd> StdinOf(const ServiceSpec& spec);

  // kAwaitDemand. kDemand follows when the first of them is readable.
  std::optional<SpawnProblem> Await(const ServiceSpec& spec);
  // Its record changed: a wait that is over ends here.
  void Changed(ServiceId id);
  void Removed(const std::string& name) { StopAwaiting(name); }

 private:
  struct Waiting {
    std::uint64_t token = 0;
    std::vector<UniqueFd> fds;
  };
  void CloseOthers(const std::set<std::string>& wanted);
  void OpenAll(const Plan& plan);
  std::string Holder(const SocketSpec& spec, const std::string& service) const;
  void Watch(const std::string& name, std::uint64_t token, InitChannel::Fds fds);
  bool StartWatching();
  void OnReady();
  void StopAwaiting(const std::string& name);

  Loop& loop_;
  Store& store_;
  EngineDriver& driver_;
  UniqueFd epoll_;  // of all that wait: the loop would make the sockets non-blocking for their services
  std::map<std::string, Waiting> waiting_;
  std::map<std::uint64_t, std::string> names_;  // by token
  std::uint64_t last_token_ = 0;
  std::uint64_t uses_ = 0;  // of plans
};

}  // namespace foster
