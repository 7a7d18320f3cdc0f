// SPDX-License-Identifier: MIT
// Anonymous memory files: made, filled, sealed, read. Not: mappings. Called by: supervise, logd, load.
// Invariant: every fd is close-on-exec. Sealing is asked for and done without where the kernel lacks it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace foster {

Result<UniqueFd> CreateMemfd(const char* name, std::uint64_t size = 0);
// A memfd that holds `bytes` and cannot be changed any more.
Result<UniqueFd> SealedMemfd(const char* name, std::string_view bytes);
// The whole file, from its start. Error EFBIG when it is longer than `limit`.
Result<std::string> ReadWholeFd(int fd, std::uint64_t limit);
// A second fd for the same file, close-on-exec.
Result<UniqueFd> Duplicate(int fd);
bool SealingWorks();

}  // namespace foster
