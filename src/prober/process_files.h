// SPDX-License-Identifier: MIT
// What one process's files in /proc say. Not: which processes there are (process_list.h). Called by:
// process_list.cc, tree_figures.cc. Invariants: a process may go at any moment (codes ENOENT, ESRCH: it is
// gone); what this user may not read is read as the process's own user where that is allowed. For workers:
// these files can stand still as long as the process's memory is locked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace foster {

inline bool IsGone(const Error& error) { return error.code() == ENOENT || error.code() == ESRCH; }

// /proc/PID/`name`, at most 1 MiB of it.
Result<std::string> ReadProcessFile(std::int32_t pid, const char* name);
// The inodes of its open sockets, in the order of the fds; at most kMaxOpenFds fds are looked at.
inline constexpr std::size_t kMaxOpenFds = 65536;
Result<std::vector<std::uint64_t>> SocketInodes(std::int32_t pid);
// What its network namespace is known by; nothing if that cannot be read.
std::optional<std::uint64_t> NetNamespace(std::int32_t pid);
// The tag that its tree inherits: RLIMIT_LOCKS; 0 = none, or not to be read.
std::uint64_t TreeTag(std::int32_t pid);
// The same out of /proc/PID/limits, for where prlimit(2) is refused; nothing if no such line is in it.
std::optional<std::uint64_t> TagInLimits(const std::string& limits);
// The value of FOSTER_SERVICE it was started with; "" = none, or not to be read.
std::string ServiceEntry(std::int32_t pid);
// The number behind `word` ("Pss:") in `text`.
std::optional<std::uint64_t> NumberBehind(const std::string& text, const char* word);

}  // namespace foster
