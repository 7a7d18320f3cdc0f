// SPDX-License-Identifier: MIT
// Engine: all services together. Takes an Event and the time, moves the service's machine
// (service_machine.h), lets the gates of others follow, and leaves Effects to be performed. Pure: no clock,
// no system call, no allocation in Step(); only Apply() and Restore() allocate. Not: a scheduler or an
// executor. Called by: src/supervise (one thread), tests/sim. Invariants (searched by tests/sim): at most one
// live process per service and role; nothing starts before its gates hold; KILL never before the grace ends;
// goal up means a process, a live timer or a closed gate (or Exited/Failed); goal down ends with no process;
// shutdown always ends; no process is signalled after its exit was reported; every state change is in the
// transition table; a failed spawn always leaves a timer or a final state.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/event.h"
#include "foster/plan.h"

namespace foster {

// One line of probes (ProbeUse) of the current incarnation.
struct ProbeRecord {
  std::uint64_t number = 0;     // of the probe asked for last; counts on over incarnations, so an answer to
                                // another probe or life is told apart by number
  MonoTime began{};             // of the first probe of this incarnation
  std::uint32_t successes = 0;  // in a row
  std::uint32_t failures = 0;   // in a row
  bool pending = false;         // asked for and not answered
  bool passes = false;          // success_threshold was reached, and failure_threshold not since
  bool has_passed = false;      // it has been reached once in this incarnation
  bool has_succeeded = false;   // one probe of this incarnation has
};

// A timer beside that of the state.
struct TimerRecord {
  MonoTime deadline = kNoDeadline;
  std::uint64_t epoch = 0;  // changes whenever the deadline does
};

// What follows when a stop that the service itself brought about has ended.
enum class AfterStop : std::uint8_t {
  kByPolicy,  // as if it had exited with a failure
  kRestart,   // another life, whatever its restart policy says, within the budget
  kFail,      // Failed
  kWait,      // Waiting: for its gate (Gate::stop_along) or for demand (idle_stop)
};

// What is known of one service at run time. Plain data: this is also what the savepoint keeps
// (src/supervise).
struct ServiceRecord {
  State state = State::kStopped;
  Goal goal = Goal::kDown;
  std::uint64_t incarnation = 0;    // of the last or current life; 0 = never started
  std::uint64_t epoch = 0;          // changes with every Enter(); timers of older epochs are stale
  MonoTime deadline = kNoDeadline;  // of the live timer of this epoch
  MonoTime since{};                 // of `state`
  MonoTime spawned_at{};            // of the current or last main process
  std::int32_t pid = 0;             // of the live main process, else 0
  std::int32_t role_pid = 0;        // of the live finish/down process, else 0
  std::int32_t last_pid = 0;        // of the current or last main process; finish gets it as its pgid
  MonoTime running_since{};         // when the current or last life became Running; {} = it did not
  Role role = Role::kMain;          // which process the state waits for (kMain, kFinish, kDown)
  bool spawn_pending = false;       // kSpawn was emitted and neither kSpawned nor kSpawnFailed came yet
  bool lingering = false;           // main exited; other processes of its tree live
  bool ready = false;
  bool restart_pending = false;         // stop is on its way, start follows
  bool has_run = false;                 // a main process was there since the goal went up
  bool was_up = false;                  // oneshot: up completed and down not yet run
  bool removing = false;                // leaves the engine when stopped
  bool gates_held = false;              // at the last spawn; for tests
  std::uint32_t restarts = 0;           // automatic restarts, ever
  std::uint32_t restarts_since_up = 0;  // automatic restarts since the goal went up
  std::uint32_t failed_starts = 0;      // in a row
  ExitStatus last_exit{};
  bool has_exited = false;  // last_exit is meaningful
  Cause cause{};

  Pin pin = Pin::kNone;
  bool waits_for_dependents = false;  // goal down, still Running or Starting, or Exited with a down script to
                                      // run: those that need it stop first. stop_cause says why
  std::uint32_t gates_opened =
      0;                     // as a dependency: one bit per GateKind that has held since its goal went up
  std::uint64_t launch = 0;  // of the last start, in the order of all starts of the engine
  AfterStop after_stop = AfterStop::kByPolicy;
  Cause stop_cause{};               // why a stop began that the service itself brought about
  std::int32_t stop_pid = 0;        // of the live stop command
  bool stop_fell_back = false;      // the stop command failed, and the signal was sent
  bool stop_spawn_pending = false;  // as spawn_pending, for Role::kStop
  bool following = false;           // Daemon: the main process has gone into the background
  bool follow_pending = false;      // kFollow was emitted, kFollowed did not come yet
  std::int32_t named_pid = 0;       // MAINPID=...
  bool said_ready = false;          // READY=1 or the newline on notify_fd came from this incarnation
  bool reloading = false;
  bool said_stopping = false;
  Millis watchdog{0};  // as the service wants it (WATCHDOG_USEC=), else the spec's
  std::array<ProbeRecord, kProbeUses> probes{};
  std::array<TimerRecord, kTimerKinds> timers{};  // kState is not used here: `deadline` and `epoch` are
  std::uint32_t quiet = 0;                        // idle checks in a row without a connection
  bool due = false;           // its time or connection has come, or it was asked for, and it could not start
                              // yet (Overlap::kQueue, gates, a stop on its way)
  std::uint32_t missed = 0;   // times left out for Overlap::kSkip, ever
  std::uint32_t endings = 0;  // in a row, for RestartPolicy::grow_endings
  std::array<MonoTime, kMaxBudget> restart_times{};  // ring of the last automatic restarts; {} = none
  std::uint32_t restart_head = 0;                    // where the next one goes
};

inline const ProbeRecord& ProbeOf(const ServiceRecord& record, ProbeUse use) {
  return record.probes[static_cast<std::size_t>(use)];
}
inline ProbeRecord& ProbeOf(ServiceRecord& record, ProbeUse use) {
  return record.probes[static_cast<std::size_t>(use)];
}
inline TimerRecord& TimerOf(ServiceRecord& record, TimerKind kind) {
  return record.timers[static_cast<std::size_t>(kind)];
}
inline const TimerRecord& TimerOf(const ServiceRecord& record, TimerKind kind) {
  return record.timers[static_cast<std::size_t>(kind)];
}

// An entry of init's child table when supervise comes back: a live process, and also one whose exit or failed
// spawn init still holds (its kExited or kSpawnFailed then follows as an event) or whose tree lingers.
struct LiveChild {
  ServiceId service = kNoService;  // position in the plan given to Restore
  Role role = Role::kMain;
  std::uint64_t incarnation = 0;
  std::int32_t pid = 0;    // 0: the spawn failed
  bool lingering = false;  // it has ended: its exit is held, or only other processes of its tree live
};

class Engine {
 public:
  // `seed` makes the jitter of restart delays.
  explicit Engine(std::uint64_t seed = 0);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Makes the services those of `plan`: new ones come with goal up where `autostart` (cause kBoot the first
  // time, else kReload); gone ones go down and are removed when stopped; changed ones (spec !=) restart with
  // the new spec if they were up, after being stopped by the rules of the old one; equal ones are untouched.
  // May allocate.
  void Apply(const Plan& plan, MonoTime now);

  // Instead of the first Apply's boot: same plan, but records as saved by a former supervise (matched by
  // name), and the processes that init really has. A record in a state that needs a process that init does
  // not have continues as if it had exited unseen (kLost) or, if its spawn was never done (spawn_pending),
  // spawns it again; a live child newer than the record is believed; any other unexpected one is killed.
  // Exits that init still holds follow as ordinary kExited events. Ids are the positions in plan.services. A
  // Shutdown that was on its way is to be called again by the owner.
  struct Saved {
    std::string_view name;
    ServiceRecord record;
  };
  void Restore(const Plan& plan, std::span<const Saved> saved, std::span<const LiveChild> children,
               MonoTime now);

  // One event. Effects are appended to effects(). Unknown services and stale incarnations or epochs are
  // dropped.
  void Step(const Event& event, MonoTime now);

  // The machine stood still for `gap` until `now` (the container was paused, the laptop slept): every
  // deadline but those of schedules moves by it, what was being probed is asked anew, and no answer that was
  // on its way counts.
  void MoveTime(Millis gap, MonoTime now);

  // Who goes down when `id` is asked to: all that need it (a hard gate on started, ready or healthy) and are
  // up, in the order in which they stop; without `id` itself, without what is pinned up. May allocate.
  std::vector<ServiceId> DownWith(ServiceId id) const;

  // Goal down for all, in reverse order of the gates, independent branches side by side; `internal` services
  // last. No grace ends later than `deadline`. Ends with kAllStopped. A second call with an earlier deadline
  // tightens it.
  void Shutdown(MonoTime now, MonoTime deadline);
  bool shutting_down() const;

  // Effects since the last ClearEffects(), in order. The owner performs them all, then clears.
  std::span<const Effect> effects() const;
  void ClearEffects();

  ServiceId Find(std::string_view name) const;  // kNoService if unknown
  std::size_t capacity() const;                 // ids are below this
  bool Exists(ServiceId id) const;
  const ServiceRecord& record(ServiceId id) const;
  const ServiceSpec& spec(ServiceId id) const;  // what its current or next incarnation runs by
  // The first gate that is closed now, for "waits for X (ready)"; nullptr if none.
  const Gate* ClosedGate(ServiceId id) const;
  // No service has goal up and is Waiting (without a failed dependency), Starting or Backoff for the first
  // time: the boot has settled. What `CMD` waits for.
  bool Settled() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace foster
