// SPDX-License-Identifier: MIT
// ExecProbes: probes that are programs: children of init beside their service, as its user and in its
// environment, with a time limit. Not: what an answer means (the core), nor probes over the network (the
// prober). Called by: Probes. Invariants: every Run() ends in one `done`, or none after Cancel(); a probe's
// number is the incarnation of its child's key and never used twice; one child per service and role lives at
// a time, the next waits until the whole tree of the one before is gone; what is over is killed with its
// tree, and forgotten by init.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "foster/service_spec.h"
#include "supervise/timers.h"
#include "sys/init_channel.h"

namespace foster {

class ExecProbes {
 public:
  using Number = std::uint64_t;
  using Done = std::function<void(bool ok, const std::string& text)>;

  // `next` gives numbers that no supervise of this container has given before.
  ExecProbes(InitChannel& init, Timers& timers, std::function<Number()> next);
  ~ExecProbes();

  // Role: kRoleReadiness, kRoleLiveness, kRoleCheck. `waits`: how long it may wait for the one before it,
  // beyond the probe's own timeout.
  Number Run(const ServiceSpec& spec, std::uint32_t role, const Probe& probe, Millis waits, Done done);
  void Cancel(Number number);
  void Forget(const std::string& name) { left_out_.erase(name); }

  static bool IsProbe(const Message& message) {
    return message.key.role >= kRoleReadiness && message.key.role <= kRoleCheck;
  }
  // News of a probe's child, or an entry of init's table that a former supervise left (kMsgChild).
  void OnMessage(const Message& message);

 private:
  static constexpr std::size_t kMaxWaiting = 16;
  using Place = std::pair<std::string, std::uint32_t>;  // service, role

  struct Job {
    Number number = 0;  // also of its first child
    int children = 0;
    Place place;
    ServiceSpec spec;
    Probe probe;
    MonoTime latest{};
    Done done;
    Timers::Id limit = 0;
  };
  using JobPointer = std::shared_ptr<Job>;
  struct Slot {
    Number child = 0;  // the child of init that has the place, 0 = none
    Number job = 0;    // who waits for it, 0 = nobody any more
    std::deque<Number> waiting;
  };

  // The isolation that this service's probes run without, as it may (Isolation::may_degrade).
  struct LeftOut {
    Isolation of;
    std::uint32_t parts = 0;
  };

  void Limit(Job* job, Millis span, std::function<void()> out);
  void Start(const JobPointer& job);
  bool Prepare(const JobPointer& job, const ChildKey& key, InitChannel::Fds* fds);
  Number JobOf(const Message& message) const;
  void OnSpawnFailed(const Message& message, const std::string& why);
  bool TryWithLess(const Message& message);
  std::uint32_t& PartsLeftOut(const ServiceSpec& spec);
  void End(Number number, bool ok, const std::string& text);
  void Free(const Message& message);
  void StartNext(const Place& place);
  void OnExited(const Message& message);
  void Left(const Message& message);
  void Kill(const ChildKey& key);

  InitChannel& init_;
  Timers& timers_;
  std::function<Number()> next_;
  std::vector<std::string> environment_;
  std::map<Number, JobPointer> jobs_;
  std::map<Place, Slot> slots_;
  std::map<std::string, LeftOut> left_out_;
};

}  // namespace foster
