// SPDX-License-Identifier: MIT
// Effects: what the engine wants done -> messages to init, timers, news for clients. Not: deciding, nor
// saving (both were done before an effect gets here). Called by: EngineDriver, in order. Invariant: every
// kSpawn ends in kSpawned or kSpawnFailed, also when it fails on this side of init.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "supervise/engine_driver.h"
#include "supervise/logs.h"
#include "supervise/notify.h"
#include "supervise/publisher.h"
#include "supervise/timers.h"
#include "supervise/voice.h"

namespace foster {

struct SpawnProblem;

class Effects {
 public:
  // What others do with an effect.
  struct Hooks {
    std::function<void(ServiceId)> changed;  // after the publisher
    std::function<void(const std::string&)> removed;
    std::function<void()> all_stopped;
    std::function<void(const Effect&, const std::string& name)> probe;
    std::function<bool(const Effect&, std::function<void()> send)>
        hold_signal;  // true: `send` is called later
  };

  Effects(InitChannel& init, EngineDriver& driver, Timers& timers, Logs& logs, Notify& notify,
          Publisher& publisher, Voice& voice);
  void SetHooks(Hooks hooks) { hooks_ = std::move(hooks); }

  void Perform(const Effect& effect, const std::string& name);

 private:
  void Spawn(const Effect& effect, const std::string& name);
  void Signal(const Effect& effect, const std::string& name);
  void Arm(const Effect& effect);
  void Forget(const std::string& name, ServiceId id);
  bool PrepareSpawn(const Effect& effect, const ServiceSpec& spec, const UniqueFd* notify_end,
                    InitChannel::Fds* fds);
  void FailSpawn(const Effect& effect, const std::string& name, const SpawnProblem& problem);

  InitChannel& init_;
  EngineDriver& driver_;
  Timers& timers_;
  Logs& logs_;
  Notify& notify_;
  Publisher& publisher_;
  Voice& voice_;
  Hooks hooks_;
  std::vector<std::string> environment_;
  std::unordered_map<ServiceId, Timers::Id> timer_of_;
};

}  // namespace foster
