// SPDX-License-Identifier: MIT
// What `foster load` needs of the system: limits on itself, the host's name, its one write.
// Not: reading files (src/formats). Called by: apps/load_main.cc, formats/load_command.cc. Invariant: none.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace foster {

inline constexpr unsigned kReaderSeconds = 10;
inline constexpr std::size_t kReaderBytes = 1u << 30;

// This process may use so much time and memory and leaves no core file. Under AddressSanitizer memory stays
// as it is.
Result<void> LimitReader();

std::string HostName();

Result<void> WriteWhole(int fd, std::string_view bytes);

}  // namespace foster
