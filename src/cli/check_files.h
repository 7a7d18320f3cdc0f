// SPDX-License-Identifier: MIT
// CheckFiles: the readers of `foster load`, run in this process over paths that a person names. Without
// foster, without a side effect. Not: printing (validate.cc). Called by: the verb `validate`, tests.
// Invariant: a diagnostic is reported once, whichever way it came.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "foster/plan.h"

namespace foster::cli {

struct CheckRequest {
  std::vector<std::string> paths;        // empty: FindPaths().services
  std::optional<WorkloadFormat> format;  // else by the file's name
};

struct CheckReport {
  Plan plan;
  std::vector<Diagnostic> diagnostics;
  std::vector<std::string> checked;  // every path that was read
};

// Error: a path that cannot be looked at, or a file whose format is not known.
Result<CheckReport> CheckFiles(const CheckRequest& request);

}  // namespace foster::cli
