// SPDX-License-Identifier: MIT
#include "sys/path_search.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace foster {
namespace {

std::string Absolute(std::string_view path, const std::string& directory) {
  if (!path.empty() && path.front() == '/') return std::string(path);
  std::string base = directory.empty() ? "/" : directory;
  if (base.back() != '/') base += '/';
  return base + std::string(path);
}

// 0 or an errno. Links are followed as a process does that has `root` for its root.
int StatInside(const std::string& root, const std::string& path, struct stat* info) {
  if (root.empty()) return stat(path.c_str(), info) == 0 ? 0 : errno;
  UniqueFd directory(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno;
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;
  UniqueFd fd(static_cast<int>(syscall(SYS_openat2, directory.get(), path.c_str(), &how, sizeof how)));
  if (!fd && errno == ENOSYS) return stat((root + path).c_str(), info) == 0 ? 0 : errno;
  if (!fd) return errno;
  return fstat(fd.get(), info) == 0 ? 0 : errno;
}

// 0, or why `path` cannot be executed.
int WhyNot(const std::string& root, const std::string& path) {
  struct stat info {};
  if (int error = StatInside(root, path, &info); error != 0) return error;
  if (S_ISDIR(info.st_mode)) return EISDIR;
  if (!S_ISREG(info.st_mode) || (info.st_mode & 0111) == 0) return EACCES;
  // A foster with less rights than the service's user may not see that it is executable: execve decides then.
  return 0;
}

Error Explain(const std::string& name, int error) {
  if (error == EISDIR) return Error("command at '" + name + "' is a directory", EISDIR);
  if (error == EACCES) return Error("command at '" + name + "' is not executable", EACCES);
  return Error("cannot find command '" + name + "'", ENOENT);
}

}  // namespace

Result<std::string> FindProgram(const std::string& name, std::string_view search,
                                const std::string& directory, const std::string& root) {
  if (name.empty()) return Error("the command is empty", ENOENT);
  if (name.find('/') != std::string::npos) {
    std::string path = Absolute(name, directory);
    if (int error = WhyNot(root, path); error != 0) return Explain(name, error);
    return path;
  }
  int first_error = ENOENT;
  while (true) {
    auto colon = search.find(':');
    std::string_view member = search.substr(0, colon);
    std::string path = Absolute(member.empty() ? "." : member, directory) + "/" + name;
    int error = WhyNot(root, path);
    if (error == 0) return path;
    if (error == EACCES && first_error == ENOENT) first_error = EACCES;
    if (colon == std::string_view::npos) break;
    search.remove_prefix(colon + 1);
  }
  return Explain(name, first_error);
}

int LookForDirectory(const std::string& path, const std::string& root) {
  struct stat info {};
  if (int error = StatInside(root, path, &info); error != 0) return error;
  return S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
}

}  // namespace foster
