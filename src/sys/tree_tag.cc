// SPDX-License-Identifier: MIT
#include "sys/tree_tag.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace foster {
namespace {

// Of another user's process, where we may not ask for its limits. This file never waits for the process.
std::optional<std::uint64_t> HardLimitInProc(std::int32_t pid) {
  constexpr std::string_view kLine = "Max file locks";
  UniqueFd fd(open(("/proc/" + std::to_string(pid) + "/limits").c_str(), O_RDONLY | O_CLOEXEC));
  char bytes[4096];
  ssize_t size = fd ? read(fd.get(), bytes, sizeof bytes) : -1;
  if (size <= 0) return std::nullopt;
  std::string text(bytes, static_cast<std::size_t>(size));
  std::size_t at = text.find(kLine);
  if (at == std::string::npos) return std::nullopt;
  std::size_t soft = text.find_first_not_of(' ', at + kLine.size());
  std::size_t hard = text.find_first_not_of(' ', text.find(' ', soft));
  if (hard == std::string::npos) return std::nullopt;
  if (text[hard] == 'u') return RLIM_INFINITY;
  return std::strtoull(text.c_str() + hard, nullptr, 10);
}

}  // namespace

std::optional<std::uint64_t> TreeTagOf(std::int32_t pid) {
  rlimit limit{};
  if (pid <= 0) return std::nullopt;
  if (prlimit(pid, RLIMIT_LOCKS, nullptr, &limit) == 0) return limit.rlim_max;
  return errno == EPERM ? HardLimitInProc(pid) : std::nullopt;
}

}  // namespace foster
