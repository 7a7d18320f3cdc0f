// SPDX-License-Identifier: MIT
// foster's own dialect: a YAML map that says everything which the other formats cannot (docs/formats.md,
// "foster.yaml"). It stands in the file foster.yaml of a service directory and under x-foster of a
// process-compose process. Not: the other formats' keys. Called by: service_directory.cc,
// process_compose_process.cc. Invariant: what is said replaces what the spec held, what is not said stays;
// every fault is an error with its place.
#pragma once

#include "formats/foster_node.h"
#include "foster/service_spec.h"

namespace foster {

struct FosterYaml {
  std::uint32_t replicas = 0;            // how many are asked for; 0 = nothing is said
  Origin log;                            // of the key `log`, where there is one
  std::vector<std::string> faulty_keys;  // of the outermost map: what is said of them elsewhere is no news
};

// Fills `spec`.
FosterYaml ReadFosterYaml(const YamlNode& node, const FosterDialect& dialect, Report& report,
                          ServiceSpec& spec);

// The rules of model/check_spec.h, each fault at the key of `node` that it is about, else at `otherwise`.
// `node` may be null.
void ReportSpecFaults(const ServiceSpec& spec, const YamlNode* node, const FosterYaml& read,
                      const Origin& otherwise, Report& report);

// Programs of the spec without a working directory get that of the service.
void FillWorkingDirectories(ServiceSpec& spec);

}  // namespace foster
