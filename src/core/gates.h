// SPDX-License-Identifier: MIT
// Gates: what one gate says at this moment, from the spec and the record of the service that it names.
// Not: the search over all gates of a service, nor its consequences (engine.cc).
// Called by: Engine. Invariant: depends on nothing but its arguments.
#pragma once

#include <cstdint>

#include "core/engine.h"
#include "core/exit_rules.h"

namespace foster {

enum class Verdict : std::uint8_t {
  kOpen,
  kClosed,      // may still open by itself or by a request
  kImpossible,  // cannot open unless something changes that foster does not do by itself
};

Verdict Judge(GateKind kind, const ServiceSpec& spec, const ServiceRecord& record);

// The same by the strength of the gate: what the service that has it may go by.
Verdict Judge(const Gate& gate, const ServiceSpec& spec, const ServiceRecord& record);

// Whether its service needs the other to be alive: what goes down along with it (Engine::DownWith).
bool RequiresLife(const Gate& gate);

// Whether the other is brought up for it.
bool BringsUp(const Gate& gate);

// In ServiceRecord::gates_opened.
constexpr std::uint32_t GateBit(GateKind kind) { return 1u << static_cast<unsigned>(kind); }

// Of all kinds that hold now.
std::uint32_t OpenGates(const ServiceSpec& spec, const ServiceRecord& record);

}  // namespace foster
