// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "core/story.h"

namespace foster {
using namespace story;

TEST_CASE("a saved timer is armed anew, comes again when it was early, and counts once") {
  const Plan plan = PlanOf({Longrun("a")});
  Engine::Saved saved{"a", {}};
  saved.record.state = State::kRunning;
  saved.record.goal = Goal::kUp;
  saved.record.incarnation = 1;
  saved.record.pid = 50;
  TimerOf(saved.record, TimerKind::kLiveness) = {kT0 + Millis{1000}, 7};
  Engine engine;
  const LiveChild child{.service = 0, .incarnation = 1, .pid = 50};
  engine.Restore(plan, std::span(&saved, 1), std::span(&child, 1), kT0);
  const auto armed = [&] {
    for (const Effect& effect : engine.effects()) {
      if (effect.kind == EffectKind::kArmTimer && effect.timer == TimerKind::kLiveness)
        return effect.deadline;
    }
    return MonoTime{};
  };
  CHECK(armed() == kT0 + Millis{1000});

  Event event{.kind = EventKind::kTimer, .service = 0, .epoch = 7, .timer = TimerKind::kLiveness};
  engine.ClearEffects();
  engine.Step(event, kT0 + Millis{999});
  CHECK(armed() == kT0 + Millis{1000});

  event.epoch = 6;
  engine.ClearEffects();
  engine.Step(event, kT0 + Millis{1000});
  CHECK(TimerOf(engine.record(0), TimerKind::kLiveness).deadline == kT0 + Millis{1000});
  event.epoch = 7;
  engine.Step(event, kT0 + Millis{1000});
  CHECK(TimerOf(engine.record(0), TimerKind::kLiveness).epoch == 8);
}

}  // namespace foster
