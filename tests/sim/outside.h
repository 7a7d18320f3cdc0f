// SPDX-License-Identifier: MIT
// Outside: the rest of the world around the engine, beside init: probes that answer, schedules that are asked
// for their next time, connections that come, services that talk. Not: processes (fake_init.h). Called by:
// World. Invariant: every question is answered as event.h promises: once, late, or, where it says so, never.
#pragma once

#include <array>
#include <vector>

#include "sim/fake_init.h"

namespace foster::sim {

class Outside {
 public:
  Outside(Random& random, Agenda& agenda, std::uint32_t universe);

  void Probe(std::uint32_t number, const ServiceSpec& spec, const Effect& effect, MonoTime now);
  void AwaitDemand(std::uint32_t number, const Effect& effect, MonoTime now);
  void AskSchedule(std::uint32_t number, const Effect& effect, MonoTime now);
  // Something that a process of `incarnation` may say.
  void Talk(std::uint32_t number, std::uint64_t incarnation, MonoTime now);

  // Supervise has got an answer. / It is gone, and with it all that it had asked.
  void Delivered(std::uint32_t number, const Event& event);
  void set_life(std::uint32_t life);

  bool awaits_demand(std::uint32_t number) const { return places_[number].awaits_demand; }
  bool awaits_schedule(std::uint32_t number) const { return places_[number].awaits_schedule; }

 private:
  struct Place {
    std::uint32_t health = 70;  // per cent of probes that succeed
    bool awaits_demand = false;
    bool awaits_schedule = false;
    std::uint64_t schedule_question = 0;
  };
  void Tell(std::uint32_t number, MonoTime at, Event event);

  Random& random_;
  Agenda& agenda_;
  std::vector<Place> places_;
  std::uint32_t life_ = 0;
};

}  // namespace foster::sim
