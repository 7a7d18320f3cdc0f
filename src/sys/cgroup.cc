// SPDX-License-Identifier: MIT
#include "sys/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>
#include <vector>

#include "sys/unix_socket.h"

namespace foster {
namespace {

constexpr int kMaxClaims = 64;
constexpr int kMaxMoves = 16;  // rounds over processes that fork meanwhile
constexpr std::string_view kControllers[] = {"cpu", "memory", "pids"};

std::string ReadAll(int directory, const char* file) {
  UniqueFd fd(openat(directory, file, O_RDONLY | O_CLOEXEC));
  std::string text;
  char bytes[4096];
  while (fd && text.size() < (1u << 20)) {
    auto size = ReadSome(fd.get(), bytes, sizeof bytes);
    if (!size.ok() || *size == 0) break;
    text.append(bytes, *size);
  }
  return text;
}

Result<void> WriteFile(int directory, const std::string& file, const std::string& text) {
  UniqueFd fd(openat(directory, file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return Error::FromErrno("cannot open " + file + " of the cgroup");
  auto written = WriteSome(fd.get(), text);
  if (!written.ok()) return Error::FromErrno("cannot write " + text + " to " + file, written.error().code());
  return Ok();
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

bool HasWord(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    std::size_t end = at + word.size();
    bool begins = at == 0 || text[at - 1] == ' ';
    if (begins && (end == text.size() || text[end] == ' ' || text[end] == '\n')) return true;
  }
  return false;
}

// A line of mountinfo that mounts cgroup v2: which part of the tree is where.
struct CgroupMount {
  std::string_view root;
  std::string_view point;
};

std::optional<CgroupMount> CgroupMountOf(std::string_view line) {
  if (line.find(" - cgroup2 ") == std::string_view::npos) return std::nullopt;
  constexpr int kFieldsBeforeRoot = 3;
  for (int i = 0; i < kFieldsBeforeRoot; ++i) line.remove_prefix(line.find(' ') + 1);
  std::size_t end = line.find(' ');
  std::string_view rest = line.substr(end + 1);
  return CgroupMount{line.substr(0, end), rest.substr(0, rest.find(' '))};
}

// `path` as seen below the mount; nullopt: it is not in it. A root "/.." lies above our namespace: what it
// shows belongs to others, although the paths may look the same.
std::optional<std::string_view> Below(std::string_view root, std::string_view path) {
  if (root == "/") return path;
  if (root.starts_with("/..") || !path.starts_with(root)) return std::nullopt;
  path.remove_prefix(root.size());
  if (!path.empty() && path[0] != '/') return std::nullopt;
  return path;
}

// Every process of `from` goes into `to`. Kernel threads of the real root cannot.
void MoveProcesses(int from, int to) {
  for (int round = 0; round < kMaxMoves; ++round) {
    std::string text = ReadAll(from, "cgroup.procs");
    bool has_moved = false;
    for (std::string_view pid : Lines(text))
      if (!pid.empty() && WriteFile(to, "cgroup.procs", std::string(pid)).ok()) has_moved = true;
    if (!has_moved) return;
  }
}

// Those of the three that `directory` could give and does not yet.
std::string Missing(int directory) {
  std::string available = ReadAll(directory, "cgroup.controllers");
  std::string given = ReadAll(directory, "cgroup.subtree_control");
  std::string missing;
  for (std::string_view each : kControllers)
    if (HasWord(available, each) && !HasWord(given, each))
      missing += (missing.empty() ? "+" : " +") + std::string(each);
  return missing;
}

Result<void> Give(int directory) {
  std::string missing = Missing(directory);
  if (missing.empty()) return Ok();
  if (WriteFile(directory, "cgroup.subtree_control", missing).ok()) return Ok();
  FOSTER_ASSIGN(UniqueFd inside, OpenGroup(directory, "init"));
  MoveProcesses(directory, inside.get());
  return WriteFile(directory, "cgroup.subtree_control", missing);
}

std::string CpuMax(const std::optional<std::uint32_t>& percent) {
  return percent ? std::to_string(*percent * std::uint64_t{1000}) + " 100000" : "max 100000";
}

// A limit that is not asked for needs no file.
Result<void> SetOne(int group, const char* file, bool is_asked, const std::string& value) {
  if (!is_asked && faccessat(group, file, F_OK, 0) != 0) return Ok();
  auto set = WriteFile(group, file, value);
  if (set.ok() || !is_asked) return Ok();
  if (set.error().code() == ENOENT)
    return Error(std::string(file) + ": this controller of cgroup v2 cannot be used here", ENOENT);
  return set;
}

std::string Text(const std::optional<std::uint64_t>& value) { return value ? std::to_string(*value) : "max"; }

}  // namespace

Result<std::string> CgroupDirectoryIn(std::string_view mountinfo, std::string_view path) {
  if (path.find("/..") != std::string_view::npos)
    return Error("foster's cgroup is not below the mounted one", ENOENT);
  std::string found;
  bool is_there = false;
  for (std::string_view line : Lines(mountinfo)) {
    auto mount = CgroupMountOf(line);
    if (!mount) continue;
    is_there = true;
    auto below = Below(mount->root, path);
    if (!below) continue;
    if (below->ends_with("/init")) below->remove_suffix(5);  // moved there by Docker-in-Docker, or us
    found = std::string(mount->point) +
            std::string(*below == "/" ? "" : *below);  // the last one covers the others
  }
  if (!found.empty()) return found;
  if (!is_there) return Error("there is no cgroup v2 file system", ENOENT);
  return Error("the cgroup v2 file system that is mounted is not that of this container", ENOENT);
}

Result<std::string> OwnCgroupDirectory() {
  std::string mounts = ReadAll(AT_FDCWD, "/proc/self/mountinfo");
  std::string text = ReadAll(AT_FDCWD, "/proc/self/cgroup");
  for (std::string_view line : Lines(text)) {
    if (!line.starts_with("0::/")) continue;
    FOSTER_ASSIGN(std::string directory, CgroupDirectoryIn(mounts, line.substr(3)));
    // Who may not write this may not move a process from here to a group below.
    if (access((directory + "/cgroup.procs").c_str(), W_OK) != 0)
      return Error::FromErrno("cannot write " + directory + "/cgroup.procs");
    return directory;
  }
  return Error("foster is in no cgroup of version 2", ENOENT);
}

Result<UniqueFd> ClaimCgroup(const std::string& parent) {
  for (int i = 1; i <= kMaxClaims; ++i) {
    std::string path = parent + "/foster" + (i == 1 ? "" : "-" + std::to_string(i));
    if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return Error::FromErrno("cannot make " + path);
    UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return Error::FromErrno("cannot open " + path);
    if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  }
  return Error("more fosters than there is room for in " + parent, EBUSY);
}

std::string UsableControllers(int base) {
  UniqueFd parent(openat(base, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::string available = parent ? ReadAll(parent.get(), "cgroup.controllers") : "";
  std::string usable;
  for (std::string_view each : kControllers)
    if (HasWord(available, each)) usable += (usable.empty() ? "" : " ") + std::string(each);
  return usable;
}

Result<void> EnableControllers(int base) {
  UniqueFd parent(openat(base, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent) return Error::FromErrno("cannot open the cgroup above");
  FOSTER_TRY(Give(parent.get()));
  return Give(base);
}

Result<UniqueFd> OpenGroup(int base, const std::string& name) {
  if (mkdirat(base, name.c_str(), 0755) != 0 && errno != EEXIST)
    return Error::FromErrno("cannot make the cgroup " + name);
  UniqueFd fd(openat(base, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return Error::FromErrno("cannot open the cgroup " + name);
  return fd;
}

Result<void> SetGroupLimits(int group, const CgroupLimits& limits) {
  std::optional<std::uint64_t> pids;
  if (limits.pids_max) pids = *limits.pids_max;
  FOSTER_TRY(SetOne(group, "memory.high", limits.memory_high.has_value(), Text(limits.memory_high)));
  FOSTER_TRY(SetOne(group, "memory.max", limits.memory_max.has_value(), Text(limits.memory_max)));
  FOSTER_TRY(SetOne(group, "cpu.max", limits.cpu_percent.has_value(), CpuMax(limits.cpu_percent)));
  FOSTER_TRY(SetOne(group, "cpu.weight", limits.cpu_weight.has_value(),
                    std::to_string(limits.cpu_weight.value_or(100))));
  return SetOne(group, "pids.max", pids.has_value(), Text(pids));
}

Result<void> KillGroup(int base, const std::string& name) {
  return WriteFile(base, name + "/cgroup.kill", "1");
}

Result<void> RemoveGroup(int base, const std::string& name) {
  if (unlinkat(base, name.c_str(), AT_REMOVEDIR) != 0) return Error::FromErrno("cannot remove " + name);
  return Ok();
}

void RemoveGroups(int base) {
  UniqueFd copy(openat(base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  DIR* listing = copy ? fdopendir(copy.get()) : nullptr;
  if (listing == nullptr) return;
  (void)copy.Release();  // `listing` closes it
  while (dirent* entry = readdir(listing))
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
      (void)unlinkat(base, entry->d_name, AT_REMOVEDIR);  // EBUSY: somebody is in it
  closedir(listing);
}

}  // namespace foster
