// SPDX-License-Identifier: MIT
#include "sys/path_search.h"

#include <sys/stat.h>
#include <unistd.h>

namespace foster {
namespace {

std::string Absolute(std::string_view path, const std::string& directory) {
  if (!path.empty() && path.front() == '/') return std::string(path);
  std::string base = directory.empty() ? "/" : directory;
  if (base.back() != '/') base += '/';
  return base + std::string(path);
}

// 0, or why `path` cannot be executed.
int WhyNot(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return errno;
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
                                const std::string& directory) {
  if (name.empty()) return Error("the command is empty", ENOENT);
  if (name.find('/') != std::string::npos) {
    std::string path = Absolute(name, directory);
    if (int error = WhyNot(path); error != 0) return Explain(name, error);
    return path;
  }
  int first_error = ENOENT;
  while (true) {
    auto colon = search.find(':');
    std::string_view member = search.substr(0, colon);
    std::string path = Absolute(member.empty() ? "." : member, directory) + "/" + name;
    int error = WhyNot(path);
    if (error == 0) return path;
    if (error == EACCES && first_error == ENOENT) first_error = EACCES;
    if (colon == std::string_view::npos) break;
    search.remove_prefix(colon + 1);
  }
  return Explain(name, first_error);
}

}  // namespace foster
