// SPDX-License-Identifier: MIT
// log_location, log_configuration and log_length of a process-compose file. Not: the tool's own log
// (log_level). Called by: process_compose.cc, process_compose_process.cc. Invariant: faults are reported at
// their place; a file's path is absolute and still has its {PC_REPLICA_NUM}.
#pragma once

#include "formats/yaml_values.h"
#include "foster/log_spec.h"

namespace foster {

// What one process takes from around it.
struct ProcessLogPlace {
  std::string location;           // log_location, templates filled in
  std::string working_directory;  // of relative paths
  const LogSpec& otherwise;       // of the project
  Report* report = nullptr;
};

LogSpec ReadProjectLog(const YamlMap& project, const std::string& working_directory);
LogSpec ReadProcessLog(const YamlMap& process, const std::string& name, const ProcessLogPlace& place);

}  // namespace foster
