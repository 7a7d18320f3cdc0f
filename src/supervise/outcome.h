// SPDX-License-Identifier: MIT
// Judge: whether a request like `up` or `down` has come to its end, by the rules of docs/control-protocol.md.
// Not: waiting (waiters.h). Pure. Called by: Waiters, tests.
// Invariant: states are judged after the request's step, so what was so before does not count as its outcome.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/engine.h"

namespace foster {

enum class Verb : std::uint8_t { kUp, kDown, kRestart, kOnce };
std::optional<Verb> VerbFromName(std::string_view name);
EventKind EventOf(Verb verb);

enum class VerbVerdict : std::uint8_t { kPending, kOk, kFailed };

struct Judgement {
  VerbVerdict verdict = VerbVerdict::kPending;
  std::string error;  // when failed: what went wrong; empty: the service's cause says it
};

// `incarnation_before`: of the service when the request came.
Judgement Judge(Verb verb, std::uint64_t incarnation_before, const ServiceRecord& now,
                const ServiceSpec& spec);

}  // namespace foster
