// SPDX-License-Identifier: MIT
// The readers of the dialect's maps, one per key of foster_yaml.cc's table. Not: that table. Called by:
// foster_yaml.cc, and by each other. Invariant: as foster_yaml.h.
#pragma once

#include "formats/foster_node.h"
#include "foster/service_spec.h"

namespace foster {

// A program: a list of words, a line for the shell, or {command, cwd}.
void ReadFosterCommand(const FosterNode& value, Command& out);

// foster_yaml_probe.cc
void ReadFosterReadiness(const FosterNode& value, ServiceSpec& spec);
void ReadFosterLiveness(const FosterNode& value, ServiceSpec& spec);

// foster_yaml_policy.cc
void ReadFosterGates(const FosterNode& value, ServiceSpec& spec);
void ReadFosterRestart(const FosterNode& value, ServiceSpec& spec);
void ReadFosterStop(const FosterNode& value, ServiceSpec& spec);
void ReadFosterTimeouts(const FosterNode& value, ServiceSpec& spec);
void ReadFosterDaemon(const FosterNode& value, ServiceSpec& spec);

// foster_yaml_start.cc
void ReadFosterSchedule(const FosterNode& value, ServiceSpec& spec);
void ReadFosterSockets(const FosterNode& value, ServiceSpec& spec);

// foster_yaml_isolation.cc
void ReadFosterIsolation(const FosterNode& value, ServiceSpec& spec);

// foster_yaml_log.cc
void ReadFosterLog(const FosterNode& value, ServiceSpec& spec);
void ReadFosterSecrets(const FosterNode& value, ServiceSpec& spec);

}  // namespace foster
