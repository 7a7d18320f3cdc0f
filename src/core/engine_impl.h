// SPDX-License-Identifier: MIT
// Engine::Impl: the table of services, the graph of gates, and the queues that carry a change to its
// dependents. Split over engine.cc (events and queues), engine_apply.cc (Apply, Restore) and
// shutdown_order.cc (Shutdown). Not: the rules of one service (service_machine.h). Called by: Engine only.
// Invariants: queues hold each service at most once, so they never grow beyond the number of services; edges
// are those of the newest plan; a slot is reused only by the Apply after the one that saw it leave.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/service_machine.h"

namespace foster {

// One gate, seen from the service it names: who depends, and by which of its gates.
struct Edge {
  ServiceId service = kNoService;
  std::uint32_t gate = 0;
};

// What a status shows of a record: only a change of this is told to those who follow.
struct Looks {
  State state = State::kStopped;
  Goal goal = Goal::kDown;
  std::uint64_t incarnation = 0;
  MonoTime since{};
  std::int32_t pid = 0;
  bool ready = false;
  bool is_alive = false;
  bool reloading = false;
  bool waits_for_dependents = false;
  Pin pin = Pin::kNone;
  Cause cause{};
  std::uint32_t blocked_on = 0;
  std::uint32_t restarts = 0;
  std::uint32_t missed = 0;
  MonoTime next_due = kNoDeadline;
  bool operator==(const Looks&) const = default;
};

struct Node {
  Service service;
  std::vector<ServiceId> targets;   // of each gate of the newest spec; kNoService = not in the plan
  std::vector<Edge> dependents;     // in order of priority
  std::uint32_t blocked_on = 0;     // gate that LookAtGates found not open last
  std::uint32_t dependents_up = 0;  // during a shutdown: dependents that have not stopped
  bool told = false;                // during a shutdown: its turn is in turns, or was
  bool changed = false;             // is in changed_
  bool dirty = false;               // is in dirty_
  bool opening = false;             // is in opening
  bool ends_workload = false;       // is in endings
  bool seen = false;                // while looking for what a service needs
  std::uint64_t armed_epoch = 0;    // as last emitted
  MonoTime armed_deadline = kNoDeadline;
  std::array<TimerRecord, kTimerKinds> armed_timers{};  // as last emitted; kState is not used here
  Looks shown;                                          // as last emitted
  bool is_shown = false;                                // `shown` was emitted
};

// A first-in-first-out queue that never grows while it is used.
class IdQueue {
 public:
  void Reserve(std::size_t count) { ids_.reserve(count); }
  void Push(ServiceId id) {
    if (head_ == ids_.size()) Clear();
    if (ids_.size() == ids_.capacity()) Compact();
    ids_.push_back(id);
  }
  bool empty() const { return head_ == ids_.size(); }
  ServiceId Pop() { return ids_[head_++]; }
  void Clear() {
    ids_.clear();
    head_ = 0;
  }

 private:
  void Compact();

  std::vector<ServiceId> ids_;
  std::size_t head_ = 0;
};

struct Engine::Impl final : MachineHost {
  // MachineHost
  GatesVerdict LookAtGates(ServiceId id) override;
  void Emit(const Effect& effect) override { effects.push_back(effect); }
  void Changed(ServiceId id) override;
  void CameToRest(ServiceId id) override;
  MonoTime LastMoment() override { return last_moment; }
  MonoTime StopBefore(ServiceId id) override;
  void EndWorkload(ServiceId id) override;  // consequence.cc
  std::uint64_t Seed() const override { return seed; }
  void HasEnded(ServiceId id) override;  // consequence.cc
  bool TakeSpawnBack(ServiceId id) override;
  std::uint64_t NextLaunch() override { return ++launches; }

  ServiceMachine Machine(ServiceId id) { return ServiceMachine(nodes[id].service, *this, now); }
  // The newest spec: what the plan says, also while the old one is still being stopped.
  const ServiceSpec& Newest(const Node& node) const;
  Verdict JudgeGate(const Node& node, std::uint32_t gate) const;

  // Events and queues (engine.cc).
  void Dispatch(const Event& event);
  void BringUp(const Event& event);
  void CollectNeeds(ServiceId id);
  void RaiseNeeds(ServiceId id);
  bool NeedsOneSeen(ServiceId id) const;
  bool IsNeed(const Node& node, std::uint32_t gate) const;
  void DrainLosses();
  void DrainOpenings();
  void DrainGates();
  static void NoteGates(Service& service);
  void GateLost(ServiceId dependency, const Edge& edge);
  void GateOpened(const Edge& edge);
  void Flush();
  bool Show(Node& node) const;
  void ArmTimers(Node& node);

  // What one service does to another (propagation.cc, down_order.cc, consequence.cc).
  void CarryAlong(ServiceId dependency, const Edge& edge);
  void TakeDown(ServiceId id, Trigger trigger, const Cause& cause, bool alone);
  void CollectDown(ServiceId id);
  bool GoesDownAlong(const Edge& edge, ServiceId id) const;
  bool HoldsBack(const Edge& edge, ServiceId id) const;
  void Release(ServiceId id);
  std::vector<ServiceId> InStopOrder(std::vector<ServiceId> set) const;
  void SetPin(const Event& event);
  void EndContainer(ServiceId id);
  void DrainEndings();
  void EndAround(ServiceId id);

  // Plans (engine_apply.cc).
  enum class Task : std::uint8_t { kBoot, kRemove, kRestart, kStop, kStartAnew, kLookAgain };
  struct Todo {
    ServiceId id;
    Task task;
  };
  ServiceId Add(const ServiceSpec& spec);
  std::optional<Task> Replace(ServiceId id, const ServiceSpec& spec);
  Task TakeNextSpec(ServiceId id, const ServiceSpec& spec);
  void Do(const Todo& todo, const Cause& cause);
  void LookAgain(ServiceId id);
  void RebuildGraph();
  void ResumeAll();
  void Reserve();

  // Shutdown (shutdown_order.cc).
  void BeginShutdown();
  void TightenAll();
  void CountDependents();
  bool IsStopEdge(const Node& from, ServiceId to) const;
  bool HasStopped(ServiceId id) const { return nodes[id].service.record.state == State::kStopped; }
  void StoppedInShutdown(ServiceId id);
  void QueueTurn(ServiceId id);
  void DrainTurns();

  std::vector<Node> nodes;
  std::vector<ServiceId> order;  // existing ones by priority, then name
  std::vector<ServiceId> free_slots;
  std::map<std::string, ServiceId, std::less<>> by_name;
  std::vector<Effect> effects;
  std::vector<ServiceId> changed;
  IdQueue dirty;
  IdQueue opening;  // changed: what waits for one of these may start
  IdQueue turns;
  IdQueue endings;  // whose workload is to end
  std::vector<ServiceId> needs;
  std::uint64_t seed = 0;
  MonoTime now{};
  MonoTime last_moment = kNoDeadline;
  bool has_plan = false;
  bool shutting_down = false;
  bool all_stopped = false;
  std::uint64_t incarnation_floor = 0;  // of all that have left: their numbers are not given again
  std::uint64_t launches = 0;           // of all services together
  std::size_t ordinary_up = 0;          // during a shutdown: not internal and not stopped
  std::size_t internal_up = 0;
};

// Whether a process that runs by `before` must be replaced to be as `after` says.
bool NeedsRestart(const ServiceSpec& before, const ServiceSpec& after);

}  // namespace foster
