// SPDX-License-Identifier: MIT
// What a process-compose file says about how a process is watched, restarted, scheduled and ended. Not: what
// runs, nor depends_on (process_compose_process.cc). Called by: process_compose_process.cc. Invariant: faults
// are reported at their place, with the tool's own words where it has some.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "formats/yaml_values.h"

namespace foster {

// availability, shutdown, schedule, is_daemon, is_tty, is_interactive, ready_log_line.
void ReadProcessPolicies(const YamlMap& process, const std::string& name,
                         const std::vector<std::string>& shell, bool is_strict, ServiceSpec& spec);

// readiness_probe and liveness_probe; `render` fills in templates, so it is done for each replica.
void ReadProcessProbes(const YamlMap& process, const std::string& name, const std::vector<std::string>& shell,
                       const std::function<std::string(const std::string&)>& render, Report& report,
                       ServiceSpec& spec);

}  // namespace foster
