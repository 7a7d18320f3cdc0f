// SPDX-License-Identifier: MIT
// The readers: one function per kind of source, text in, Fragment out. Each finds all errors at once and
// never throws. Not: choosing between project and seed (model/assemble.h), nor running as a child
// (apps/load). Called by: `foster load` (limited child of init), `foster validate`, tests, fuzzers.
// Invariant: bounded: files over kMaxConfigBytes, nesting over 64, lines over 1 MiB or a NUL are errors.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/fragment.h"

namespace foster {

inline constexpr std::size_t kMaxConfigBytes = 8u << 20;

// What a reader may look up. Everything from outside is in here, so that readers are pure of (options,
// files).
struct ReadOptions {
  std::map<std::string, std::string> environment;  // for ${...}, %(ENV_x)s
  std::map<std::string, std::string>
      variables;  // FOSTER_SERVICES, FOSTER_WORKLOADS, FOSTER_SEED, FOSTER_SOCKET
  std::string host_name;
  std::string working_directory;  // of foster; relative paths of process-compose
  // How many there are of a declared service, whatever its file says; by its full name.
  std::map<std::string, std::uint32_t> scale;
};

// A services.d directory.
Fragment ReadServiceDirectories(const std::string& directory, const ReadOptions& options);

// One workload file. `workload` prefixes the names. `path` is for origins and %(here)s; the text was read
// already.
Fragment ReadSupervisord(std::string_view workload, const std::string& path, std::string_view text,
                         const ReadOptions& options);
Fragment ReadProcessCompose(std::string_view workload, const std::string& path, std::string_view text,
                            const ReadOptions& options);

// By format; reads the file. A missing or unreadable file is an invalid fragment with one error.
Fragment ReadWorkload(WorkloadFormat format, std::string_view workload, const std::string& path,
                      const ReadOptions& options);

}  // namespace foster
