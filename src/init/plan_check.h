// SPDX-License-Identifier: MIT
// The bounds check of a spawn plan: after it every offset, count and string of the plan lies inside its
// bytes. Not: whether the values make sense to the kernel (the child's set-up finds that out, stage by
// stage). Called by children.cc and by its unit test. Invariant: reads nothing outside [bytes, bytes + size).
#pragma once

#include <stddef.h>

#include "foster/init_protocol.h"

namespace foster::init {

inline constexpr int32_t kMaxFdTarget = 65535;
inline constexpr uint32_t kMaxGroups = 65536;
inline constexpr uint32_t kMaxRlimits = 64;

// `message_fds`: how many fds came with the request after the plan itself. `bytes` is aligned to 8.
bool IsSoundPlan(const void* bytes, size_t size, uint32_t message_fds);

// For plans that are sound.
inline const char* PlanText(const SpawnPlan& plan, uint32_t offset) {
  return reinterpret_cast<const char*>(&plan) + offset;
}
template <class T>
const T* PlanArray(const SpawnPlan& plan, uint32_t offset) {
  return reinterpret_cast<const T*>(reinterpret_cast<const char*>(&plan) + offset);
}

}  // namespace foster::init
