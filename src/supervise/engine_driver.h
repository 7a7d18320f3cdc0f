// SPDX-License-Identifier: MIT
// EngineDriver: the one place where the engine is moved. For every event: Step, save what changed, then
// perform the effects, in this order, so that a kill in between repeats an effect rather than forgets one.
// Not: performing (effects.h). Called by: every part of supervise that has news for the engine.
// Invariants: never re-entered: what is posted while effects are performed waits in a queue; `when_saved`
// runs after the step is in the savepoint and before its effects leave.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "core/engine.h"
#include "supervise/savepoint.h"

namespace foster {

class EngineDriver {
 public:
  using Perform = std::function<void(const Effect& effect, const std::string& name)>;
  using Done = std::function<void()>;

  // `after` runs whenever the queue has run empty.
  void Start(Savepoint* savepoint, Perform perform, Done after);

  void Post(const Event& event, Done when_saved = nullptr);
  void Apply(const Plan& plan, Done when_saved = nullptr);
  void Restore(const Plan& plan, const std::vector<SavedService>& saved,
               const std::vector<LiveChild>& children);
  void Shutdown(MonoTime deadline);
  void MoveTime(Millis gap);

  const Engine& engine() const { return engine_; }
  // Full name of an id that exists or was just removed.
  const std::string& NameOf(ServiceId id) const { return places_[id].name; }
  WallNanos since_wall(ServiceId id) const { return places_[id].since_wall; }
  WallNanos started_wall(ServiceId id) const { return places_[id].started_wall; }

 private:
  struct Place {
    std::string name;
    MonoTime since{};
    MonoTime spawned_at{};
    WallNanos since_wall = 0;
    WallNanos started_wall = 0;
  };
  void Enqueue(std::function<void()> move, Done when_saved);
  void Finish(const Done& when_saved);
  void Save(std::vector<Effect> const& effects);
  void SaveOne(ServiceId id);
  void LearnNames();

  Engine engine_;
  Savepoint* savepoint_ = nullptr;
  Perform perform_;
  Done after_;
  std::vector<Place> places_;
  struct Move {
    std::function<void()> move;
    Done when_saved;
  };
  std::deque<Move> queue_;
  bool running_ = false;
  ServiceId touched_ = kNoService;  // the service of the event under way: saved even without an effect
};

}  // namespace foster
