// SPDX-License-Identifier: MIT
// Signals as people write them: "TERM", "SIGTERM", "term" or "15". Not: sending, and not what a caller makes
// of signal 0. Called by: the readers, supervise, the gateways, svc. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foster {

// 0 (which only asks whether a process is there) to the last real-time signal, or nothing.
std::optional<int> SignalNumber(std::string_view text);

// "sigTerm" -> "TERM", whether or not there is such a signal.
std::string BareSignalName(std::string_view name);

// Every name that SignalNumber knows, for hints.
std::vector<std::string_view> KnownSignalNames();

}  // namespace foster
