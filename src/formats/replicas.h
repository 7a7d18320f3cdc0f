// SPDX-License-Identifier: MIT
// Replicas: several equal services made of one that is declared, and the numbers that a person set instead of
// the file's. Not: placing or starting them. Called by: the readers. Invariant: one replica keeps the
// declared name and is none; of N, ServiceSpec::replica says which it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "foster/service_spec.h"

namespace foster {

inline constexpr std::int64_t kMaxReplicas = 4096;  // as many children as init can hold

// "name" for one, "name-0", "name-1" ... for more, the number as wide as the count needs.
std::string ReplicaName(const std::string& name, std::int64_t number, std::int64_t count);

// What `scale` says of `name` of `workload` ("" = a service directory).
std::optional<std::uint32_t> ScaleOf(const std::map<std::string, std::uint32_t>& scale,
                                     const std::string& workload, const std::string& name);

// Gives each of several its own log: "{replica}" and "{PC_REPLICA_NUM}" become its number; without one, the
// files of several get ".N". Why it cannot be done (a script that names one directory for all), or "".
// Those in `done` stay as they are.
std::string NumberLogs(LogSpec& log, std::int64_t index, std::int64_t count,
                       const std::vector<LogSink>& done = {});

// `count` services of one, numbered in their names and in FOSTER_REPLICA.
std::vector<ServiceSpec> Replicate(const ServiceSpec& spec, std::uint32_t count);

}  // namespace foster
