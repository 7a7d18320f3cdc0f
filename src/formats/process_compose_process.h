// SPDX-License-Identifier: MIT
// One process of a process-compose file -> ServiceSpecs (several with replicas).
// Not: the file as a whole (process_compose.cc). Called by: process_compose.cc. Invariant: faults are
// reported, specs are made of what could be read; gates carry names as written, of replicas resolved.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "formats/replicas.h"
#include "formats/yaml_values.h"

namespace foster {

// What a process takes from the file around it.
struct ProcessComposeContext {
  std::string workload;
  std::string working_directory;
  std::vector<std::string> shell;        // {"bash", "-c"}
  std::vector<std::string> environment;  // global, "K=V"
  std::map<std::string, std::string> vars;
  std::map<std::string, std::int64_t> replicas;      // of every process of the file
  std::set<std::string> with_health, with_log_line;  // processes that say how they become healthy, ready
  bool is_strict = false;
  LogSpec log;  // of a process that says nothing about its own
};

// The scalars of `vars`.
std::map<std::string, std::string> ReadVars(const YamlMap& map);

std::vector<ServiceSpec> ReadProcess(const ProcessComposeContext& context, const std::string& name,
                                     const Origin& origin, const YamlMap& process);

}  // namespace foster
