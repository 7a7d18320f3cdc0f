// SPDX-License-Identifier: MIT
// The command line of `foster load`, both ways: what supervise starts and what load itself understands.
// Not: running it. Called by: supervise, apps/load_main.cc. Invariant: ParseLoad(LoadArguments(x)) == x.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/read.h"

namespace foster {

struct LoadRequest {
  bool is_workload = false;  // else: services.d
  std::string directory;     // of services.d
  std::string workload;      // its name
  WorkloadFormat format = WorkloadFormat::kSupervisord;
  std::string file;
  int output_fd = 3;                           // gets ToJson(Fragment), one line
  std::map<std::string, std::uint32_t> scale;  // ReadOptions::scale
  bool operator==(const LoadRequest&) const = default;
};

// argv: {"foster", "load", ...}; argv[0] is for the caller to replace by the program's path.
std::vector<std::string> LoadArguments(const LoadRequest& request);
// The words after "load". Nothing: they make no sense, `error` says why.
std::optional<LoadRequest> ParseLoad(const std::vector<std::string>& words, std::string* error);

// What the readers may look up, from this process: environment, FOSTER_* paths, host name, working directory.
ReadOptions CurrentReadOptions();

// Reads what the request names.
Fragment Load(const LoadRequest& request, const ReadOptions& options);

}  // namespace foster
