// SPDX-License-Identifier: MIT
// ServiceMachine: the rules of one service. One function per event, each a switch over State; every change of
// state goes through Enter(), which checks the transition table and makes older timers stale. Not: other
// services; what they say comes through MachineHost. Called by: Engine, which makes one on the stack for each
// event. Invariants: those of engine.h as far as they concern one service; allocates nothing.
#pragma once

#include <memory>

#include "core/engine.h"
#include "core/gates.h"
#include "core/transition_table.h"

namespace foster {

// One service in the engine.
struct Service {
  ServiceId id = kNoService;
  bool exists = false;
  std::unique_ptr<ServiceSpec> spec;  // what the current or next incarnation runs by
  std::unique_ptr<ServiceSpec> next;  // takes the place of `spec` once the service has stopped; may be null
  ServiceRecord record;
};

// What all gates of a service say together: the first that is not open, if any.
struct GatesVerdict {
  Verdict verdict = Verdict::kOpen;
  ServiceId other = kNoService;
};

// What a machine needs from the engine around it.
class MachineHost {
 public:
  virtual GatesVerdict LookAtGates(ServiceId id) = 0;
  virtual void Emit(const Effect& effect) = 0;
  // The record changed; `entered` if its state was entered anew.
  virtual void Changed(ServiceId id) = 0;
  // It has come to rest in Stopped: takes over `next`, leaves when `removing`.
  virtual void CameToRest(ServiceId id) = 0;
  // During a shutdown: the time after which nothing of the service may be waited for; else kNoDeadline.
  virtual MonoTime LastMoment() = 0;
  // As above, but leaving a share to what stops after it.
  virtual MonoTime StopBefore(ServiceId id) = 0;
  // Every service of its workload goes down, with cause kWorkloadEnded by it.
  virtual void EndWorkload(ServiceId id) = 0;

 protected:
  ~MachineHost() = default;
};

class ServiceMachine {
 public:
  ServiceMachine(Service& service, MachineHost& host, MonoTime now);

  // Requests. `trigger` is kUp, kOnce, kReload, ...
  void Up(Trigger trigger, Goal goal, const Cause& cause);
  void Down(Trigger trigger, const Cause& cause);
  void Restart(Trigger trigger, const Cause& cause);

  // Events.
  void OnSpawned(const Event& event);
  void OnSpawnFailed(const Event& event);
  void OnExited(const Event& event);
  void OnTreeGone(const Event& event);
  void OnReady(const Event& event);
  void OnTimer(const Event& event);
  void OnGateChanged();

  // The shutdown has begun, or has less time than before.
  void Tighten();

  // After Restore: `main` and `extra` (finish or down) are what init has of this service; nullptr = nothing.
  void Reconcile(const LiveChild* main, const LiveChild* extra);

  static bool HasProcess(const ServiceRecord& record) {
    return record.pid != 0 || record.role_pid != 0 || record.spawn_pending || record.lingering;
  }
  // A oneshot that is up and has a down script to run.
  bool HasDownToRun() const;

 private:
  const ServiceSpec& spec() const { return *service_.spec; }
  bool IsOneshot() const { return spec().type == ServiceType::kOneshot; }
  bool Matches(const Event& event) const;

  void SetTimer(TimerKind kind, MonoTime deadline);
  void OnStateTimer();
  void OnScheduleTimer();
  void OnIdleTimer();

  void Enter(Trigger trigger, State to, const Cause& cause, MonoTime deadline = kNoDeadline);
  void TryStart(Trigger trigger, const Cause& cause);
  void Launch(Trigger trigger, const Cause& cause);
  void Spawn(Role role);
  void Signal(Role role, int signal, SignalScope scope);
  void Kill();
  void ForgetFailures();
  void BecomeRunning(Trigger trigger);
  MonoTime StartDeadline() const;

  void BeginStop(Trigger trigger, const Cause& cause);
  void RunDown(Trigger trigger, const Cause& cause);
  void Stopped(Trigger trigger, const Cause& cause);

  void MainExited(const Event& event);
  void ScriptExited(const Event& event);
  void MainGone(Trigger trigger, const Cause& cause);
  void Decide(Trigger trigger, const Cause& cause);
  void FailedStart(Trigger trigger, const Cause& cause);
  void Ended(Trigger trigger, const Cause& cause);
  void ComeToAnEnd(Trigger trigger, const Cause& cause);
  void GiveUp(Trigger trigger, const Cause& cause);
  void CompleteOneshot(Trigger trigger, const Cause& cause);
  void BackOff(Trigger trigger, const Cause& cause, Millis delay);
  void RestartByItself(Trigger trigger);

  void BelieveNewerChild(const LiveChild& child);
  void KillStray(const LiveChild& child);
  void ReconcileMain(const LiveChild* main);
  void ReconcileScript(const LiveChild* extra);
  void RespawnLost();

  Service& service_;
  ServiceRecord& record_;
  MachineHost& host_;
  MonoTime now_;
};

// How a process ended, as a cause.
Cause CauseOf(const ExitStatus& status);

}  // namespace foster
