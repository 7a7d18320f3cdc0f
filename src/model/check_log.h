// SPDX-License-Identifier: MIT
// CheckLog: what is wrong with where a service's lines are to go, and with its secrets. Pure. Not: reading,
// nor whether a directory or a host exists. Called by: check_spec.cc, and the readers, which know the places.
// Invariant: a log without faults can be given to logd as it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/check_spec.h"

namespace foster {

// Smaller files would be rotated all the time; s6-log draws the line here too.
inline constexpr std::uint64_t kLeastFileBytes = 4096;
inline constexpr std::uint32_t kMostFacility = 23;  // local7
// Of a collector; logd sends no more.
inline constexpr std::size_t kMostSinkHeaders = 32;
inline constexpr std::size_t kMostSinkLabels = 32;
inline constexpr std::size_t kMostLokiLabels = 11;  // Loki takes 15, four of which are foster's

// Faults of one sink; keys are relative to it: "path", "rotate.size", "url".
std::vector<SpecFault> CheckSink(const LogSink& sink, std::uint64_t least_file_bytes);

// Those of all sinks, of several together, and of the secrets: "log.ring", "log", "secrets". A dialect whose
// own rules allow smaller files says so.
std::vector<SpecFault> CheckLog(const ServiceSpec& spec, std::uint64_t least_file_bytes);

// Why `text` is no place for syslog; "" = it is one.
std::string SyslogTargetFault(const std::string& text);

// A sink's target as everybody may see it: the only form for replies, events, faults and log lines.
std::string ShownTarget(const LogSink& sink);

}  // namespace foster
