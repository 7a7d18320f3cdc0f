// SPDX-License-Identifier: MIT
#include "supervise/engine_driver.h"

#include <cstring>

#include "sys/clock.h"

namespace foster {

void EngineDriver::Start(Savepoint* savepoint, Perform perform, Done after) {
  savepoint_ = savepoint;
  perform_ = std::move(perform);
  after_ = std::move(after);
}

void EngineDriver::Post(const Event& event, Done when_saved) {
  Enqueue(
      [this, event] {
        touched_ = event.service;
        engine_.Step(event, MonoNow());
      },
      std::move(when_saved));
}

void EngineDriver::Apply(const Plan& plan, Done when_saved) {
  Enqueue(
      [this, plan] {
        engine_.Apply(plan, MonoNow());
        LearnNames();
      },
      std::move(when_saved));
}

void EngineDriver::Restore(const Plan& plan, const std::vector<SavedService>& saved,
                           const std::vector<LiveChild>& children) {
  Enqueue(
      [&] {
        std::vector<Engine::Saved> records;
        records.reserve(saved.size());
        for (const SavedService& service : saved) records.push_back({service.name, service.record});
        engine_.Restore(plan, records, children, MonoNow());
        LearnNames();
        for (const SavedService& service : saved) {
          ServiceId id = engine_.Find(service.name);
          if (id == kNoService) {
            savepoint_->Remove(service.name);  // it left the plan and had been stopped, or is killed by Boot
            continue;
          }
          places_[id] = {service.name, service.record.since, service.record.spawned_at, service.since_wall,
                         service.started_wall};
        }
      },
      nullptr);
}

void EngineDriver::Shutdown(MonoTime deadline) {
  Enqueue([this, deadline] { engine_.Shutdown(MonoNow(), deadline); }, nullptr);
}

void EngineDriver::MoveTime(Millis gap) {
  Enqueue(
      [this, gap] {
        engine_.MoveTime(gap, MonoNow());
        for (ServiceId id = 0; id < places_.size(); ++id) {  // the same moment, by a clock that has moved
          if (!engine_.Exists(id)) continue;
          places_[id].since = engine_.record(id).since;
          places_[id].spawned_at = engine_.record(id).spawned_at;
          SaveOne(id);
        }
      },
      nullptr);
}

void EngineDriver::Enqueue(std::function<void()> move, Done when_saved) {
  queue_.push_back({std::move(move), std::move(when_saved)});
  if (running_) return;
  running_ = true;
  while (!queue_.empty()) {
    Move next = std::move(queue_.front());
    queue_.pop_front();
    touched_ = kNoService;
    next.move();
    Finish(next.when_saved);
    if (queue_.empty()) after_();
  }
  running_ = false;
}

void EngineDriver::Finish(const Done& when_saved) {
  auto span = engine_.effects();
  std::vector<Effect> effects(span.begin(), span.end());
  engine_.ClearEffects();
  Save(effects);
  if (when_saved) when_saved();
  for (const Effect& effect : effects)
    perform_(effect, places_[effect.service < places_.size() ? effect.service : 0].name);
}

void EngineDriver::Save(std::vector<Effect> const& effects) {
  ServiceId last = kNoService;
  if (touched_ != kNoService) SaveOne(touched_);
  for (const Effect& effect : effects) {
    if (effect.service == kNoService || effect.service == last) continue;
    if (effect.kind == EffectKind::kRemoved) {
      savepoint_->Remove(places_[effect.service].name);
      continue;
    }
    last = effect.service;
    if (last != touched_) SaveOne(last);
  }
  savepoint_->Commit();
}

void EngineDriver::SaveOne(ServiceId id) {
  if (id >= places_.size() || !engine_.Exists(id)) return;
  const ServiceRecord& record = engine_.record(id);
  Place& place = places_[id];
  if (record.since != place.since || place.since_wall == 0) {
    place.since = record.since;
    place.since_wall = WallNow();
  }
  if (record.spawned_at != place.spawned_at) {
    place.spawned_at = record.spawned_at;
    place.started_wall = WallNow();
  }
  SavedService saved;
  std::memset(static_cast<void*>(&saved), 0, sizeof saved);
  std::memcpy(saved.name, place.name.data(), std::min(place.name.size(), sizeof saved.name - 1));
  saved.record = record;
  saved.since_wall = place.since_wall;
  saved.started_wall = place.started_wall;
  savepoint_->Put(saved);  // full only beyond the bound that the planner keeps
}

void EngineDriver::LearnNames() {
  places_.resize(engine_.capacity());
  for (ServiceId id = 0; id < places_.size(); ++id) {
    if (!engine_.Exists(id) || places_[id].name == engine_.spec(id).name) continue;
    places_[id] = Place{};
    places_[id].name = engine_.spec(id).name;
    SaveOne(id);
  }
}

}  // namespace foster
