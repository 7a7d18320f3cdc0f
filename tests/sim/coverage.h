// SPDX-License-Identifier: MIT
// Coverage: how often the random worlds came to each state, cause, effect and situation. Not: a check of what
// happens there. Called by: World, after every call of the engine; sim.cc adds the worlds up and prints them.
// Invariant: what is listed can happen; a world without it says nothing, all worlds without it are too tame.
#pragma once

#include <map>
#include <string>

#include "core/engine.h"

namespace foster::sim {

class Coverage {
 public:
  Coverage();

  void See(const Engine& engine);
  // An event that was on its way when supervise crashed.
  void SeeLost(const Event& event);
  void Add(const Coverage& other);
  // Whether there is nothing that never happened.
  bool Print() const;

 private:
  void SeeRecord(const ServiceSpec& spec, const ServiceRecord& record);
  void SeeEffect(const Effect& effect);

  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace foster::sim
