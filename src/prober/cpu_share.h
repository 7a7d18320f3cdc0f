// SPDX-License-Identifier: MIT
// CpuShare: how much of one core a service used since its figure before. Not: reading it. Called by:
// prober.cc. Invariants: remembers at most kMost incarnations, the oldest go first; never negative (a process
// that init reaps takes its time with it).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "foster/time.h"

namespace foster {

class CpuShare {
 public:
  static constexpr std::size_t kMost = 8192;

  // In percent; 0 the first time.
  double Since(const std::string& name, std::uint64_t incarnation, std::uint64_t cpu_ms, MonoTime now);
  std::size_t size() const { return known_.size(); }

 private:
  struct Figure {
    MonoTime at;
    std::uint64_t cpu_ms = 0;
    double percent = 0;
  };
  std::map<std::pair<std::string, std::uint64_t>, Figure> known_;
};

}  // namespace foster
