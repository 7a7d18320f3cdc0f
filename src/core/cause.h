// SPDX-License-Identifier: MIT
// CauseText: why a service is in its state, as one line for people: "exited with code 1", "waits for db
// (ready)". Not: a format to parse. Called by: supervise, for status and events; tests/sim. Invariant: never
// empty, never more than one line; an id that `names` does not know is spoken of as "another service".
#pragma once

#include <functional>
#include <string>

#include "core/engine.h"

namespace foster {

using NameOfService = std::function<std::string_view(ServiceId)>;  // "" = not known

// `gate` is the closed gate of a service that waits (Engine::ClosedGate), or nullptr.
std::string CauseText(const ServiceRecord& record, const NameOfService& names, const Gate* gate = nullptr);

// "exited with code 1", "killed by SIGKILL".
std::string ExitText(const ExitStatus& status);

// "cannot exec: No such file or directory". Stages are those of init_protocol.h.
std::string SpawnFailureText(SpawnStageNumber stage, int error);

}  // namespace foster
