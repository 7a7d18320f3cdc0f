// SPDX-License-Identifier: MIT
// OpenLogs: which streams a query is answered from: files of a directory, or the rings and before them
// foster's own files (FOSTER_LOG_DIR) as far as the rings do not reach back. Not: reading them. Called by:
// logs. Invariant: where both have a line it is given once.
#pragma once

#include "cli/log_source.h"

namespace foster::cli {

struct OpenedLogs {
  std::vector<std::string> names;  // that are expected
  std::unique_ptr<LogStream> stream;
  RingStream* ring = nullptr;      // within `stream`
  std::vector<FileStream*> files;  // within `stream`
};

// No foster is asked.
Result<OpenedLogs> OpenDirectory(LogQuery& query);
// Failures of `session` are told by it: an empty `stream`.
Result<OpenedLogs> OpenRunning(LogQuery& query, const std::string& directory, Session& session);

}  // namespace foster::cli
