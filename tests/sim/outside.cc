// SPDX-License-Identifier: MIT
#include "sim/outside.h"

#include <algorithm>

#include "foster/init_protocol.h"

namespace foster::sim {

Outside::Outside(Random& random, Agenda& agenda, std::uint32_t universe)
    : random_(random), agenda_(agenda), places_(universe) {
  constexpr std::uint32_t kHealth[] = {100, 95, 70, 30, 0};
  for (Place& place : places_) place.health = kHealth[random_.Below(5)];
}

void Outside::set_life(std::uint32_t life) {
  life_ = life;
  for (Place& place : places_) place.awaits_demand = place.awaits_schedule = false;
}

void Outside::Tell(std::uint32_t number, MonoTime at, Event event) {
  agenda_.Add({.at = at, .kind = HappeningKind::kDeliver, .number = number, .life = life_, .event = event});
}

void Outside::Probe(std::uint32_t number, const ServiceSpec& spec, const Effect& effect, MonoTime now) {
  const foster::Probe& probe =
      effect.probe == ProbeUse::kLiveness ? spec.liveness.probe : spec.readiness.probe;
  const bool waits = effect.probe == ProbeUse::kReadiness && probe.kind == ProbeKind::kLogLine;
  if (waits && random_.Percent(15)) return;  // the line never comes
  const auto limit = static_cast<std::uint32_t>(std::min(probe.timeout, Millis{3000}).count());
  Millis took{random_.Percent(80) ? random_.Below(30) : random_.Below(limit + 1)};
  if (waits) took = Millis{random_.Below(3000)};
  bool success = random_.Percent(places_[number].health);
  if (effect.probe == ProbeUse::kIdle) success = random_.Percent(70);
  if (random_.Percent(3)) places_[number].health = random_.Below(101);
  Tell(number, now + took,
       {.kind = EventKind::kProbeDone,
        .incarnation = effect.incarnation,
        .probe = effect.probe,
        .number = effect.number,
        .success = waits || success});
}

void Outside::AwaitDemand(std::uint32_t number, const Effect& effect, MonoTime now) {
  places_[number].awaits_demand = true;
  if (random_.Percent(8)) {
    Tell(number, now + Millis{random_.Below(10)},
         {.kind = EventKind::kSpawnFailed,
          .role = Role::kMain,
          .incarnation = effect.incarnation,
          .stage = kStageSocket,
          .error = 98});
  } else if (random_.Percent(75)) {
    Tell(number, now + Millis{random_.Below(4000)}, {.kind = EventKind::kDemand});
  }
}

void Outside::AskSchedule(std::uint32_t number, const Effect& effect, MonoTime now) {
  places_[number].awaits_schedule = true;
  places_[number].schedule_question = effect.epoch;
  const bool never_again = random_.Percent(10);
  const MonoTime due = never_again ? kNoDeadline : now + Millis{50 + random_.Below(4000)};
  Tell(number, now + Millis{random_.Below(3)},
       {.kind = EventKind::kNextDue, .epoch = effect.epoch, .deadline = due});
}

void Outside::Talk(std::uint32_t number, std::uint64_t incarnation, MonoTime now) {
  constexpr Notice kNotices[] = {Notice::kReloading,       Notice::kStopping,         Notice::kExtendTimeout,
                                 Notice::kWatchdog,        Notice::kWatchdog,         Notice::kWatchdog,
                                 Notice::kWatchdogTrigger, Notice::kWatchdogInterval, Notice::kMainPid};
  const Notice notice = kNotices[random_.Below(9)];
  if (notice == Notice::kWatchdogTrigger && random_.Percent(80)) return;
  Tell(number, now,
       {.kind = EventKind::kNotice,
        .incarnation = incarnation,
        .pid = 4000,
        .notice = notice,
        .span = Millis{500 + random_.Below(3000)}});
}

void Outside::Delivered(std::uint32_t number, const Event& event) {
  Place& place = places_[number];
  const bool is_next_due = event.kind == EventKind::kNextDue && event.epoch == place.schedule_question;
  if (is_next_due) place.awaits_schedule = false;
  const bool is_socket = event.kind == EventKind::kSpawnFailed && event.stage == kStageSocket;
  if (event.kind == EventKind::kDemand || is_socket) place.awaits_demand = false;
}

}  // namespace foster::sim
