// SPDX-License-Identifier: MIT
// Gates: what one gate says at this moment, from the spec and the record of the service that it names.
// Not: the search over all gates of a service, nor its consequences (engine.cc).
// Called by: Engine. Invariant: depends on nothing but its arguments.
#pragma once

#include <cstdint>

#include "core/engine.h"

namespace foster {

enum class Verdict : std::uint8_t {
  kOpen,
  kClosed,      // may still open by itself or by a request
  kImpossible,  // cannot open unless something changes that foster does not do by itself
};

Verdict Judge(GateKind kind, const ServiceSpec& spec, const ServiceRecord& record);

// A success code, and not a signal.
bool IsSuccess(const ServiceSpec& spec, const ExitStatus& status);

}  // namespace foster
