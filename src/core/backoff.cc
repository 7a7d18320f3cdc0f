// SPDX-License-Identifier: MIT
#include "core/backoff.h"

#include <algorithm>

namespace foster {
namespace {

std::uint64_t Mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

Millis FailedStartDelay(const RestartPolicy& policy, std::uint32_t n) {
  const std::int64_t cap = std::max<std::int64_t>(policy.cap.count(), 0);
  const std::int64_t tries = n == 0 ? 0 : n - 1;
  // In double: the linear part is exact below 2^53, and what is beyond that is beyond every cap but kForever.
  double delay = static_cast<double>(policy.base.count()) +
                 static_cast<double>(policy.step.count()) * static_cast<double>(tries);
  const double factor = policy.factor_percent / 100.0;
  for (std::int64_t i = 0; i < tries && factor != 1.0 && delay > 0 && delay < static_cast<double>(cap); ++i) {
    delay *= factor;
    if (delay < 1.0) return Millis{0};
  }
  if (delay >= static_cast<double>(cap)) return Millis{cap};
  return Millis{std::max<std::int64_t>(static_cast<std::int64_t>(delay), 0)};
}

Millis EndingDelay(const RestartPolicy& policy, Millis ran) {
  if (policy.ending_delay == kForever) return kForever;
  return std::max(Millis{0}, policy.ending_delay - std::max(Millis{0}, ran));
}

Millis WithJitter(Millis delay, std::uint32_t percent, std::uint64_t key) {
  const std::int64_t count = delay.count();
  const std::int64_t most_percent = std::int64_t{percent} + 100;
  if (percent == 0 || count <= 0 || count > kForever.count() / most_percent) return delay;
  const auto most = static_cast<std::uint64_t>(count * std::int64_t{percent} / 100);
  return delay + Millis{static_cast<std::int64_t>(Mix(key) % (most + 1))};
}

std::uint64_t MixKey(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  return Mix(Mix(Mix(seed) ^ a) ^ b);
}

}  // namespace foster
