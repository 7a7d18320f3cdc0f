// SPDX-License-Identifier: MIT
// SinkIdentity: what a sink is a sink of, as one number: by it a LogSinkState is found again, by a new logd,
// after a change of the config, and by supervise. Not: the sink. Called by: SinkHost, supervise. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "foster/log_spec.h"

namespace foster {

// Which of several that are alike it is: `ordinal`. Never 0.
std::uint64_t SinkIdentity(const LogSink& spec, std::uint32_t ordinal);
// Of all sinks of a service, in their order.
std::vector<std::uint64_t> SinkIdentities(const std::vector<LogSink>& specs);

}  // namespace foster
