// SPDX-License-Identifier: MIT
// TreeTagOf: the tag of the process tree that a process belongs to: its RLIMIT_LOCKS, which init sets and
// every descendant inherits (init_protocol.h). Not: who has which tag (supervise/trees.h). Called by:
// supervise. Invariant: "not known" is told from "none".
#pragma once

#include <cstdint>
#include <optional>

namespace foster {

// nullopt: the process is gone or may not be asked.
std::optional<std::uint64_t> TreeTagOf(std::int32_t pid);

}  // namespace foster
