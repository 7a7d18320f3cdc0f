// SPDX-License-Identifier: MIT
// Effects: what the engine wants done -> messages to init, timers, news for clients. Not: deciding, nor
// saving (both were done before an effect gets here). Called by: EngineDriver, in order. Invariant: none
// is dropped.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "supervise/engine_driver.h"
#include "supervise/logs.h"
#include "supervise/notify.h"
#include "supervise/outfit.h"
#include "supervise/publisher.h"
#include "supervise/timers.h"

namespace foster {

class Effects {
 public:
  // What others do with an effect.
  struct Hooks {
    std::function<void(ServiceId)> changed;  // after the publisher
    std::function<void(const std::string&)> removed;
    std::function<void()> all_stopped;
    std::function<void(const Effect&, const std::string& name)> probe;
    std::function<void(const Effect&, const std::string& name)> await_demand;
    std::function<void(const Effect&, const std::string& name)> schedule;
    std::function<void(const Effect&, const std::string& name)> end_container;
    std::function<bool(const Effect&, std::function<void()> send)>
        hold_signal;  // true: `send` is called later
  };

  Effects(InitChannel& init, EngineDriver& driver, Timers& timers, Logs& logs, Notify& notify, Outfit& outfit,
          Publisher& publisher);
  void SetHooks(Hooks hooks) { hooks_ = std::move(hooks); }

  void Perform(const Effect& effect, const std::string& name);

 private:
  void Signal(const Effect& effect, const std::string& name);
  void Arm(const Effect& effect);
  void Forget(const std::string& name, ServiceId id);

  InitChannel& init_;
  EngineDriver& driver_;
  Timers& timers_;
  Logs& logs_;
  Notify& notify_;
  Outfit& outfit_;
  Publisher& publisher_;
  Hooks hooks_;
  std::map<std::pair<ServiceId, TimerKind>, Timers::Id> timer_of_;
};

}  // namespace foster
