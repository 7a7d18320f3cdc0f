// SPDX-License-Identifier: MIT
// Spawner: one kSpawn of the engine -> everything that the new process needs made ready (log pipes, readiness
// pipe, notification socket, stdin, cgroup, held fds) and one kMsgSpawn to init. Not: what a spawn plan says
// (spawn.h). Called by: Effects, Supervisor (a spawn that failed). Invariants: users and files are looked up,
// and memory taken, only when the message's turn has come; every kSpawn ends in kSpawned or kSpawnFailed,
// also when it fails on this side of init; what may be left out of the isolation is left out before the
// engine hears of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "supervise/cgroups.h"
#include "supervise/held_fds.h"
#include "supervise/log_configs.h"
#include "supervise/logs.h"
#include "supervise/notes.h"
#include "supervise/notify.h"
#include "supervise/sd_notify.h"
#include "supervise/spawn.h"
#include "supervise/stdin_ends.h"
#include "supervise/timers.h"
#include "supervise/voice.h"

namespace foster {

class Spawner {
 public:
  struct Parts {
    InitChannel& init;
    EngineDriver& driver;
    Logs& logs;
    Store& store;
    Notify& notify;
    SdNotify& sd_notify;
    StdinEnds& stdin_ends;
    Cgroups& cgroups;
    Notes& notes;
    Voice& voice;
    LogConfigs& log_configs;
    Timers& timers;
  };
  // Opens the listening sockets of a service that are not open.
  using OpenSockets = std::function<std::optional<SpawnProblem>(const ServiceSpec& spec)>;

  explicit Spawner(Parts parts);
  void SetSockets(OpenSockets open) { open_sockets_ = std::move(open); }

  void Spawn(const Effect& effect, const std::string& name);
  // kMsgSpawnFailed of init: true: the spawn is tried once more, with less.
  bool TryWithLess(const Message& failed);
  // kMsgSpawned, and kMsgSpawnFailed that is final.
  void Settled(const Message& message);
  void Remove(const std::string& name);
  // Also for what fails before a spawn is sent.
  void Fail(const Effect& effect, const std::string& name, const SpawnProblem& problem);

 private:
  using Key = std::pair<std::string, Role>;
  struct Attempt {
    Effect effect;
    std::uint32_t left_out = 0;  // one bit per Degradable
    std::vector<std::string> degraded;
  };
  // What was opened for one message.
  struct Openings {
    ServiceSpec spec;
    SpawnRequest request;
    std::shared_ptr<UniqueFd> notify_end;
  };
  void Send(const Effect& effect, const std::string& name);
  bool MustEmpty(const Effect& effect) const;
  void EmptyThenSend(const Effect& effect, const std::string& name);
  void OpenForMain(const Effect& effect, Openings* openings);
  bool Prepare(const Effect& effect, const Openings& openings, InitChannel::Fds* fds);
  std::variant<SpawnWish, SpawnProblem> Make(const Effect& effect, const Openings& openings,
                                             UniqueFd* cgroup);
  std::variant<SpawnWish, SpawnProblem> MakeWhole(const Effect& effect, const Openings& openings,
                                                  UniqueFd* cgroup);
  std::optional<SpawnProblem> AddSecrets(const ServiceSpec& spec, SpawnRequest* request);
  bool LeaveOut(const Effect& effect, const ServiceSpec& spec, SpawnStage stage, const std::string& why);

  Parts parts_;
  OpenSockets open_sockets_;
  std::vector<std::string> environment_;
  std::map<Key, Attempt> attempts_;
};

}  // namespace foster
