// SPDX-License-Identifier: MIT
// Outfit: everything beside logs that foster makes, holds and gives to the processes of services:
// notification sockets, stdin, cgroups, held fds, notes; put together. Not: any part's own work. Called by:
// Effects, Supervisor, Boot. Invariant: what belongs to an incarnation ends with it, what belongs to a
// service when it leaves the plan or goes down.
#pragma once

#include <functional>
#include <string>

#include "supervise/follow.h"
#include "supervise/spawner.h"

namespace foster {

class Outfit {
 public:
  struct Parts {
    Loop& loop;
    InitChannel& init;
    EngineDriver& driver;
    Store& store;
    Logs& logs;
    Notify& notify;
    SdNotify::TreeOf tree_of;
    Voice& voice;
    LogConfigs& log_configs;
    Timers& timers;
  };
  explicit Outfit(Parts parts);

  // `control`: path of the control socket. First boot; after a restart Resume() follows once there is an
  // engine.
  void Create(const std::string& control);
  void Reopen(const std::string& control);
  void Resume();

  // effects
  void Spawn(const Effect& effect, const std::string& name) { spawner_.Spawn(effect, name); }
  void StopKeys(const Effect& effect, const std::string& name);
  void Follow(const Effect& effect, const std::string& name) { follow_.Perform(effect, name); }
  void Kill(const std::string& name) { cgroups_.Kill(name); }
  void Changed(ServiceId id);
  void Removed(const std::string& name);

  // Messages of init about services, before the engine hears of them. True: it shall not.
  bool OnMessage(const Message& message);
  // After kSpawned was taken in.
  void Spawned(const Message& message);

  void OnText(std::function<void(ServiceId)> on_text) { sd_notify_.OnText(std::move(on_text)); }
  Spawner& spawner() { return spawner_; }
  Notes& notes() { return notes_; }
  Cgroups& cgroups() { return cgroups_; }

 private:
  void TreeIsGone(const std::string& name, const ChildKey& key);

  EngineDriver& driver_;
  Store& store_;
  Notes notes_;
  SdNotify sd_notify_;
  StdinEnds stdin_ends_;
  FollowDaemons follow_;
  Cgroups cgroups_;
  Spawner spawner_;
};

}  // namespace foster
