// SPDX-License-Identifier: MIT
// What the readers of `log:` share with each other and with the other formats' log keys. Not: the keys
// themselves. Called by: foster_yaml_log.cc, foster_yaml_file.cc, supervisord_logs.cc. Invariant: as
// foster_yaml.h.
#pragma once

#include "formats/foster_node.h"
#include "foster/log_spec.h"

namespace foster {

// A file that nobody said anything about is rotated as supervisord does: 50 MiB, 10 archives.
inline constexpr std::uint64_t kUsualFileBytes = 50ull << 20;

// "1h", "daily", "weekly", "never" (0).
Result<Millis> ParseLogEvery(std::string_view text);

void ReadLogStreams(const FosterNode& value, LogSink& sink);  // both, stdout, stderr
void ReadFosterFile(const FosterNode& value, LogSink& sink);  // a path, or a map

}  // namespace foster
