// SPDX-License-Identifier: MIT
// FakeInit: a simulated foster-init. Spawns (or fails to), kills, keeps its table until it is told to forget;
// its processes exit, linger, become ready and ignore signals at random, at simulated times. Not: the real
// thing's protocol. Called by: World. Invariants checked here: at most one live process per service and role;
// nothing is signalled after its end was reported.
#pragma once

#include <stdexcept>
#include <vector>

#include "core/engine.h"
#include "sim/random.h"

namespace foster::sim {

// What no run may do. Caught by the program, which prints the seed.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class ProcessState : std::uint8_t { kLive, kLingering, kGone, kFailed };

struct Process {
  std::uint32_t number = 0;  // of its service
  Role role = Role::kMain;
  std::uint64_t incarnation = 0;
  std::int32_t pid = 0;
  ProcessState state = ProcessState::kLive;
  MonoTime spawned_at{};
  ExitStatus status{};
  bool was_ready = false;  // has written to its readiness fd
  bool forgotten = false;  // its end was reported
  bool ignores_term = false;
  bool leaves_tree = false;
  Millis term_delay{0};
  Millis tree_life{0};
};

// What will happen at a simulated time.
enum class HappeningKind : std::uint8_t {
  kDeliver,
  kTimer,
  kExit,
  kReady,
  kTreeEnds,
  kRequest,
  kReload,
  kCrash,
  kComeBack,
  kShutdown,
  kReplay,
  kTalk,  // a service says something on its notification socket
  kGap,   // everything stands still
};
struct Happening {
  MonoTime at{};
  std::uint64_t sequence = 0;
  HappeningKind kind = HappeningKind::kRequest;
  std::uint32_t number = 0;   // service
  std::uint32_t process = 0;  // index
  std::uint32_t life = 0;     // of supervise
  Event event{EventKind::kUp};
  ExitStatus status{};
};

class Agenda {
 public:
  void Add(Happening happening);
  bool empty() const { return heap_.empty(); }
  const Happening& Next() const { return heap_.front(); }
  Happening Take();
  void Delay(Millis gap);  // of all that is to come

 private:
  std::vector<Happening> heap_;
  std::uint64_t sequence_ = 0;
};

class FakeInit {
 public:
  FakeInit(Random& random, Agenda& agenda, std::uint32_t universe);

  void Spawn(std::uint32_t number, const ServiceSpec& spec, const Effect& effect, MonoTime now);
  void Signal(std::uint32_t number, const Effect& effect, MonoTime now);
  void Happens(const Happening& happening, MonoTime now);
  // Follow: the rest of a tree, or one process of it, is the main process now. Answered by kFollowed.
  void Follow(std::uint32_t number, const Effect& effect, MonoTime now);
  // StopPolicy::keys.
  void Press(std::uint32_t number, const Effect& effect, MonoTime now);
  void Move(Millis gap) { last_message_ += gap; }
  // supervise has read a message: what is over is forgotten.
  void Delivered(std::uint32_t number, const Event& event);

  bool HasLive(std::uint32_t number) const;
  bool IsLive(std::uint32_t number, Role role, std::uint64_t incarnation) const;
  const Process* Find(std::uint32_t number, Role role, std::uint64_t incarnation) const;

  // For a supervise that comes back: the table, then what it holds as events.
  struct Entry {
    std::uint32_t number;
    LiveChild child;
  };
  std::vector<Entry> Table() const;
  // supervise came back with a plan that does not know the service: its owner ends what is left at once.
  void Abandon(std::uint32_t number);
  void TellHeld(std::uint32_t life, MonoTime now);
  void set_life(std::uint32_t life) { life_ = life; }

 private:
  void Tell(const Process& process, Event event, MonoTime now);
  void PlanLife(Process& process, std::uint32_t index, const ServiceSpec& spec, MonoTime now);
  void Exit(std::uint32_t index, ExitStatus status, MonoTime now);
  void EndTree(std::uint32_t index, MonoTime now);
  void EndMain(std::uint32_t number, std::uint64_t incarnation, MonoTime now);
  void ExitLater(std::uint32_t index, MonoTime at, ExitStatus status);

  Random& random_;
  Agenda& agenda_;
  std::vector<Process> processes_;
  std::vector<std::vector<std::uint32_t>> of_service_;  // not forgotten
  MonoTime last_message_{};
  std::int32_t next_pid_ = 100;
  std::uint32_t life_ = 0;
};

}  // namespace foster::sim
