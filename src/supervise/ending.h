// SPDX-License-Identifier: MIT
// Ending: the ordered end of the container: services in reverse order of their gates, then the gateways, then
// the logs written out and logd, then init is told. Not: the order (the core), nor force (init). Called by:
// Supervisor, methods. Invariant: once begun it goes on, also over a restart of supervise, and never past the
// deadline init was told.
#pragma once

#include <functional>
#include <string>

#include "supervise/engine_driver.h"
#include "supervise/logs.h"
#include "supervise/publisher.h"
#include "supervise/timers.h"
#include "supervise/voice.h"
#include "sys/init_channel.h"

namespace foster {

// FOSTER_SHUTDOWN_TIMEOUT, seconds, fractions allowed; 8 s when absent or senseless.
Millis ShutdownTimeout(const char* text);

class Ending {
 public:
  Ending(InitChannel& init, EngineDriver& driver, Timers& timers, Logs& logs, Publisher& publisher,
         Voice& voice);
  void SetSavepoint(Savepoint* savepoint) { savepoint_ = savepoint; }

  void Begin(const std::string& reason, int exit_code);
  // A former supervise, or init alone, had begun.
  void Resume();
  // The machine stood still.
  void MoveTime(Millis gap);
  bool begun() const { return savepoint_->header().stop_deadline != 0; }

  // The stop signal of logd waits until everything is written out. True: `send` is called later.
  bool HoldSignal(const Effect& effect, std::function<void()> send);
  void AllStopped();

 private:
  void StopUntil(MonoTime deadline);

  InitChannel& init_;
  EngineDriver& driver_;
  Timers& timers_;
  Logs& logs_;
  Publisher& publisher_;
  Voice& voice_;
  Savepoint* savepoint_ = nullptr;
  Timers::Id drain_limit_ = 0;
};

}  // namespace foster
