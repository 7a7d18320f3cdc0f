// SPDX-License-Identifier: MIT
// [program:x] and [fcgi-program:x] -> ServiceSpecs. Not: groups and servers (supervisord.cc). Called by:
// supervisord.cc. Invariant: a fault is reported; the specs are made of what could be read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/supervisord_section.h"
#include "foster/service_spec.h"

namespace foster {

// What a program takes from the file around it.
struct ProgramContext {
  std::string workload;
  std::string working_directory;               // used where `directory` is not set
  std::string server_url;                      // SUPERVISOR_SERVER_URL; may be empty
  std::string home;                            // "~" in paths
  bool strip_ansi = false;                     // of [supervisord]
  std::vector<KeyValue> environment;           // of [supervisord]
  std::map<std::string, std::uint32_t> scale;  // ReadOptions::scale
};

struct SupervisordGroup {
  std::string name;
  std::int64_t priority = -1;  // of its [group:x]; -1: not said
};

std::vector<ServiceSpec> ReadSupervisordProgram(const ProgramContext& context,
                                                const SupervisordSection& section, const std::string& program,
                                                const SupervisordGroup& group);

}  // namespace foster
