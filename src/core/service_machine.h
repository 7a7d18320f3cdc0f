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
  // What the jitter of restart delays is made from.
  virtual std::uint64_t Seed() const { return 0; }
  // It has come to an end of its own (Exited, Failed), with what that does to others.
  virtual void HasEnded(ServiceId id) = 0;
  // Takes the spawn of its main process back, if it was asked for in this very step; false if it was not.
  virtual bool TakeSpawnBack(ServiceId id) = 0;
  // The number of the next start, of all starts of all services.
  virtual std::uint64_t NextLaunch() = 0;

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

  // Its goal is up from here on; nothing moves yet.
  void Want(Goal goal);
  // Whether such a request asks for a run at once, of what waits for its time or connection: it is due.
  void NoteRun(Trigger trigger, Goal goal, const Cause& cause);
  // Its goal is down from here on; nothing moves yet.
  void Unwant();
  // Its schedule is another one: the next time is not known any more.
  void ForgetTime();
  // As Down, but what lives stops only when Release says so.
  void HoldBack(Trigger trigger, const Cause& cause);
  void Release();
  // `other` has come to rest, or has a new life, and a gate says: along with it.
  void StopAlong(ServiceId other);
  void RestartAlong(ServiceId other);
  // Its spec has changed in ways that its process does not notice.
  void SpecChanged(const Cause& cause);

  // Events.
  void OnSpawned(const Event& event);
  void OnSpawnFailed(const Event& event);
  void OnExited(const Event& event);
  void OnTreeGone(const Event& event);
  void OnReady(const Event& event);
  void OnTimer(const Event& event);
  void OnProbeDone(const Event& event);
  void OnNotice(const Event& event);
  void OnFollowed(const Event& event);
  void OnGateChanged();
  // The gate that could never open can open again; nothing starts yet.
  void WaitAgain();
  // Its gates have closed again before its spawn was handed out.
  void StartTakenBack();
  void OnNextDue(const Event& event);
  void OnDemand();
  void OnIdleAnswer(const Event& event);

  // The shutdown has begun, or has less time than before.
  void Tighten();
  // A new plan has another probe, and nothing to restart for it.
  void OnProbeChanged(ProbeUse use);
  // Engine::MoveTime.
  void MoveTime(Millis gap);

  // After Restore, when all have been reconciled: what waits looks again at what it waits for.
  void Resume();

  // After Restore: `main`, `extra` (finish or down) and `stop` (the stop command) are what init has of this
  // service; nullptr = nothing.
  void Reconcile(const LiveChild* main, const LiveChild* extra, const LiveChild* stop = nullptr);

  static bool StopCommandLives(const ServiceRecord& record) {
    return record.stop_pid != 0 || record.stop_spawn_pending;
  }
  static bool HasProcess(const ServiceRecord& record) {
    return record.pid != 0 || record.role_pid != 0 || record.spawn_pending || record.lingering ||
           StopCommandLives(record);
  }
  // Whether a person holds it down: then nothing starts it.
  static bool IsHeldDown(const ServiceRecord& record);
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

  // service_probe.cc
  const Probe* ProbeFor(ProbeUse use) const;
  bool IsProbed(ProbeUse use) const;
  void Ask(ProbeUse use);
  void BeginProbes(ProbeUse use);
  void EndProbes();
  void ResumeProbes();
  void OnProbeTimer(ProbeUse use);
  void ReadinessPassed();
  void Unhealthy(FailureAction action, const Cause& cause);

  // service_notice.cc
  bool LivesThrough() const;
  bool CanBeUp() const;
  bool IsUpAtOnce() const;
  void ExtendTimeout(Millis span);
  void FeedWatchdog();
  void OnWatchdog();

  bool IsScheduled() const { return spec().schedule.kind != ScheduleKind::kNone; }
  bool IsOnDemand() const;
  // Something else than its goal says when it starts.
  bool StartsLater() const { return IsScheduled() || IsOnDemand(); }
  bool WaitsFor(CauseKind kind) const {
    return record_.state == State::kWaiting && record_.cause.kind == kind;
  }
  bool AsksForRun(Trigger trigger, Goal goal, const Cause& cause) const;
  void AskSchedule();
  void AwaitTime(Trigger trigger);
  void EndSchedule();
  void AwaitDemand(Trigger trigger);
  void AwaitDemandAgain(Trigger trigger, const Cause& cause);
  void SocketFailed(const Event& event);
  void FollowIdle();
  Millis IdlePeriod() const;
  void AskIdle();
  void Rest(Trigger trigger, State to, const Cause& cause);
  void CannotStart(Trigger trigger, ServiceId other);

  void Enter(Trigger trigger, State to, const Cause& cause, MonoTime deadline = kNoDeadline);
  void TryStart(Trigger trigger, const Cause& cause);
  void Launch(Trigger trigger, const Cause& cause);
  void Spawn(Role role);
  void Signal(Role role, int signal, SignalScope scope);
  void ForgetFailures();
  void ForgetLife();
  void LeaveRunning();
  void BecomeRunning(Trigger trigger);
  MonoTime StartDeadline() const;

  // service_stop.cc
  Millis TreeGrace() const;
  bool MainLives() const { return record_.pid != 0 || record_.spawn_pending || record_.lingering; }
  void BeginStop(Trigger trigger, const Cause& cause);
  void BeginOwnStop(Trigger trigger, AfterStop after, const Cause& cause);
  void SendStop();
  void SendStopSignal();
  void SendStopAgain();
  void Kill();
  void StopSpawned(const Event& event);
  void StopOver(Trigger trigger, const Event& event, bool success);
  void StopRest(const Cause& cause);

  // service_follow.cc
  bool BecomesDaemon(const Event& event) const;
  void AwaitFollowed();
  void AskToFollow();
  void FollowNamed();

  void RunDown(Trigger trigger, const Cause& cause);
  void Stopped(Trigger trigger, const Cause& cause);

  void MainExited(const Event& event);
  void ScriptExited(const Event& event);
  void MainGone(Trigger trigger, const Cause& cause);
  void Decide(Trigger trigger, const Cause& cause);
  void FailedStart(Trigger trigger, const Cause& cause, bool must_restart = false);
  void Ended(Trigger trigger, const Cause& cause, bool must_restart);
  bool RuleEndsIt(Trigger trigger, const Cause& cause, const ExitRule* rule);
  void ComeToAnEnd(Trigger trigger, const Cause& cause);
  void GiveUp(Trigger trigger, const Cause& cause);
  void TryAgain(Trigger trigger, const Cause& cause, Millis delay);
  void CompleteOneshot(Trigger trigger, const Cause& cause);
  void BackOff(Trigger trigger, const Cause& cause, Millis delay);
  void RestartByItself(Trigger trigger);

  void BelieveNewerChild(const LiveChild& child);
  void KillStray(const LiveChild& child);
  void ReconcileStop(const LiveChild* stop);
  void ReconcileMain(const LiveChild* main);
  void ReconcileMissing();
  void ReconcileLive(const LiveChild& main);
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
