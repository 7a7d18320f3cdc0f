// SPDX-License-Identifier: MIT
#include "prober/cpu_share.h"

#include <algorithm>

namespace foster {

double CpuShare::Since(const std::string& name, std::uint64_t incarnation, std::uint64_t cpu_ms,
                       MonoTime now) {
  const auto key = std::pair(name, incarnation);
  auto found = known_.find(key);
  if (found == known_.end()) {
    if (known_.size() >= kMost)
      known_.erase(std::min_element(known_.begin(), known_.end(),
                                    [](const auto& a, const auto& b) { return a.second.at < b.second.at; }));
    known_.emplace(key, Figure{now, cpu_ms, 0});
    return 0;
  }
  Figure& figure = found->second;
  const auto passed = (now - figure.at).count();
  if (passed <= 0) return figure.percent;  // two asked at once: both get the same
  const std::uint64_t used = cpu_ms > figure.cpu_ms ? cpu_ms - figure.cpu_ms : 0;
  figure = {now, cpu_ms, static_cast<double>(used) * 100.0 / static_cast<double>(passed)};
  return figure.percent;
}

}  // namespace foster
