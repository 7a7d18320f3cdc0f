// SPDX-License-Identifier: MIT
// `${FOSTER_SERVICES}` and its like in the files of a workload directory.
// Not: process-compose's interpolation (envsubst.h) nor a shell. Called by: services.d's reader. Invariant:
// only names that are given are known; anything else is an error that names it.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace foster {

struct VariableError {
  std::string text;  // empty = none
  std::size_t offset = 0;
};

// `$$` is a dollar sign; a `$` without `{` stays as it is.
std::string ExpandVariables(std::string_view text, const std::map<std::string, std::string>& variables,
                            VariableError* error);

}  // namespace foster
