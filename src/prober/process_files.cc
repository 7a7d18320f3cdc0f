// SPDX-License-Identifier: MIT
#include "prober/process_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/unique_fd.h"
#include "prober/as_user.h"

namespace foster {
namespace {

constexpr std::size_t kMostBytes = 1u << 20;
constexpr int kExecLooks = 5;

std::string PathOf(std::int32_t pid, const char* name) { return "/proc/" + std::to_string(pid) + "/" + name; }

bool IsRefused(int code) { return code == EACCES || code == EPERM; }

Result<std::string> ReadWhole(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return Error::FromErrno("cannot open " + path);
  std::string text;
  char buffer[16384];
  while (text.size() < kMostBytes) {
    const ssize_t got = read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error::FromErrno("cannot read " + path);
    if (got == 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

Result<std::vector<std::uint64_t>> ReadInodes(std::int32_t pid) {
  const std::string path = PathOf(pid, "fd");
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()), closedir);
  if (!directory) return Error::FromErrno("cannot open " + path);
  std::vector<std::uint64_t> inodes;
  std::size_t looked = 0;
  while (const dirent* entry = readdir(directory.get())) {
    if (entry->d_name[0] == '.' || ++looked > kMaxOpenFds) continue;
    char target[64] = "";
    const ssize_t size = readlinkat(dirfd(directory.get()), entry->d_name, target, sizeof target - 1);
    if (size < 0 && IsRefused(errno)) return Error::FromErrno("cannot read " + path);
    if (size > 8 && std::strncmp(target, "socket:[", 8) == 0)
      inodes.push_back(std::strtoull(target + 8, nullptr, 10));
  }
  return inodes;
}

}  // namespace

Result<std::string> ReadProcessFile(std::int32_t pid, const char* name) {
  auto text = ReadWhole(PathOf(pid, name));
  if (text.ok() || !IsRefused(text.error().code())) return text;
  const AsUser as_user(pid);
  return ReadWhole(PathOf(pid, name));
}

Result<std::vector<std::uint64_t>> SocketInodes(std::int32_t pid) {
  auto inodes = ReadInodes(pid);
  if (inodes.ok() || !IsRefused(inodes.error().code())) return inodes;
  const AsUser as_user(pid);
  return ReadInodes(pid);
}

std::optional<std::uint64_t> NetNamespace(std::int32_t pid) {
  struct stat info {};
  const std::string path = PathOf(pid, "ns/net");
  if (stat(path.c_str(), &info) == 0) return info.st_ino;
  if (!IsRefused(errno)) return std::nullopt;
  const AsUser as_user(pid);
  if (stat(path.c_str(), &info) == 0) return info.st_ino;
  return std::nullopt;
}

std::uint64_t TreeTag(std::int32_t pid) {
  rlimit limit{};
  if (prlimit(pid, RLIMIT_LOCKS, nullptr, &limit) == 0)
    return limit.rlim_cur == RLIM_INFINITY ? 0 : limit.rlim_cur;
  if (errno != EPERM) return 0;
  const auto limits = ReadProcessFile(pid, "limits");
  return limits.ok() ? TagInLimits(*limits).value_or(0) : 0;
}

std::optional<std::uint64_t> TagInLimits(const std::string& limits) {
  constexpr char kLine[] = "Max file locks";
  const std::size_t at = limits.find(kLine);
  if (at == std::string::npos) return std::nullopt;
  char* rest = nullptr;
  const char* numbers = limits.c_str() + at + sizeof kLine - 1;
  const std::uint64_t soft = std::strtoull(numbers, &rest, 10);
  return rest == numbers ? 0 : soft;  // "unlimited"
}

std::string ServiceEntry(std::int32_t pid) {
  constexpr std::string_view kEntry = "FOSTER_SERVICE=";
  auto environment = ReadProcessFile(pid, "environ");
  // In the midst of an exec there is no environment yet: that lasts for a moment.
  for (int i = 0; i < kExecLooks && environment.ok() && environment->empty(); ++i) {
    usleep(200);
    environment = ReadProcessFile(pid, "environ");
  }
  if (!environment.ok()) return "";
  std::string_view rest = *environment;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    if (entry.substr(0, kEntry.size()) == kEntry) return std::string(entry.substr(kEntry.size()));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
  }
  return "";
}

std::optional<std::uint64_t> NumberBehind(const std::string& text, const char* word) {
  const std::size_t at = text.find(word);
  if (at == std::string::npos) return std::nullopt;
  return std::strtoull(text.c_str() + at + std::strlen(word), nullptr, 10);
}

}  // namespace foster
