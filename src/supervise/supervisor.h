// SPDX-License-Identifier: MIT
// Supervisor: all parts of `foster supervise`, put together: init's messages to those whom they concern, the
// boot, and what follows from a change. Not: any part's own work. Called by: SuperviseMain. Invariants: one
// thread, one loop; an exit or failed spawn is forgotten by init only after its step is saved.
#pragma once

#include <vector>

#include "supervise/clock_gap.h"
#include "supervise/effects.h"
#include "supervise/ending.h"
#include "supervise/log_health.h"
#include "supervise/methods.h"
#include "supervise/narrator.h"
#include "supervise/probes.h"
#include "supervise/scheduler.h"
#include "supervise/sockets.h"

namespace foster {

class Supervisor {
 public:
  explicit Supervisor(UniqueFd init_socket);
  // Until init is gone. The exit code.
  int Run();

 private:
  // supervisor_boot.cc: from init's snapshot to services.
  void OnSnapshotEnd();
  void UseSavepoint(InitChannel::Fds fds);
  void OpenLogs();
  void OpenVoice();
  void OpenControl();
  void StartEngine();
  bool RestorePlan();
  void SettleChildren();
  void ResumeReadiness();
  void Booted();
  void SayWhatIsLacking();
  std::vector<LiveChild> LiveChildren(const Plan& plan) const;

  // supervisor.cc
  void SetUp();
  void AddMethods();
  void OnMessage(const Message& message, InitChannel::Fds fds);
  void EngineIsThere();
  void OnChildMessage(const Message& message);
  void OnContainerSignal(int signal);
  void OnChanged(ServiceId id);
  void AfterSteps();
  void ConfigureLogs();
  void AwaitDemand(const Effect& effect, const std::string& name);
  void LookAtClock();
  void StoodStill(const Gap& gap);
  void RetryWhenStuck();
  void Forget(const Message& message);
  void KillUnknown(const Message& message);

  Loop loop_;
  Timers timers_{loop_};
  InitChannel init_;
  Store store_{init_};
  Voice voice_;
  EngineDriver driver_;
  Logs logs_{loop_, store_};
  LogConfigs log_configs_{logs_};
  LogHealth log_health_;
  Loader loader_{init_, timers_};
  Planner planner_{loader_, driver_, store_, voice_};
  Publisher publisher_{driver_, planner_.plan()};
  Notify notify_;
  Probes probes_{loop_, init_, timers_, store_, logs_, driver_};
  Outfit outfit_{{loop_, init_, driver_, store_, logs_, notify_,
                  [this](const std::string& name) { return probes_.TreeOf(name); }, voice_, log_configs_,
                  timers_}};
  Sockets sockets_{loop_, store_, driver_};
  Scheduler scheduler_{loop_, driver_, voice_};
  ClockGap clock_gap_;
  Effects effects_;
  Waiters waiters_{driver_, timers_};
  Ending ending_;
  Narrator narrator_{driver_, publisher_, voice_};
  ControlServer server_;
  LogFollowers followers_{server_, driver_, planner_, logs_, timers_};
  std::unique_ptr<Savepoint> savepoint_;
  Surroundings surroundings_;
  bool has_snapshot_ = false;
  bool has_engine_ = false;
  bool has_command_ = false;
  bool was_stopping_ = false;
  bool command_asked_ = false;
  bool stuck_armed_ = false;
  std::string plan_text_;          // of a former supervise
  std::vector<Message> early_;     // what came before there was an engine to tell; at most init's table
  std::vector<Message> children_;  // of the snapshot
};

}  // namespace foster
