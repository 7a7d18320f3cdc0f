// SPDX-License-Identifier: MIT
// FindProgram: argv[0] -> the absolute path to execute, as execvp would, with error texts that name it.
// Not: executing. Called by: src/supervise before each spawn. Invariant: the result is absolute.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace foster {

// `search`: the value of PATH. Relative names with a slash, and relative members of PATH, are taken from
// `directory`. Error codes: ENOENT, EACCES, EISDIR.
// `root`: everything, and the result, is inside this directory.
Result<std::string> FindProgram(const std::string& name, std::string_view search,
                                const std::string& directory, const std::string& root = "");
// 0, or the errno of looking for a directory at `path` inside `root`.
int LookForDirectory(const std::string& path, const std::string& root = "");

}  // namespace foster
