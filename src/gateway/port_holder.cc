// SPDX-License-Identifier: MIT
#include "gateway/port_holder.h"

#include <dirent.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

namespace foster {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

// Lines of /proc/net/tcp: "sl local:PORT remote:PORT state ... inode"; state 0A listens.
void CollectInodes(const char* path, std::uint16_t port, std::set<std::string>* inodes) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  char wanted[8];
  std::snprintf(wanted, sizeof wanted, ":%04X", port);
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string word[10];
    for (auto& field : word) fields >> field;
    if (word[1].ends_with(wanted) && word[3] == "0A") inodes->insert("socket:[" + word[9] + "]");
  }
}

bool HoldsOneOf(const std::string& fd_directory, const std::set<std::string>& inodes) {
  Directory fds(::opendir(fd_directory.c_str()));
  if (!fds) return false;
  while (dirent* entry = ::readdir(fds.get())) {
    char target[64];
    ssize_t length = ::readlink((fd_directory + "/" + entry->d_name).c_str(), target, sizeof target);
    if (length > 0 && inodes.contains(std::string(target, static_cast<std::size_t>(length)))) return true;
  }
  return false;
}

}  // namespace

std::string PortHolder(std::uint16_t port) {
  std::set<std::string> inodes;
  CollectInodes("/proc/net/tcp", port, &inodes);
  CollectInodes("/proc/net/tcp6", port, &inodes);
  Directory processes(inodes.empty() ? nullptr : ::opendir("/proc"));
  if (!processes) return "";
  while (dirent* entry = ::readdir(processes.get())) {
    std::string pid = entry->d_name;
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!HoldsOneOf("/proc/" + pid + "/fd", inodes)) continue;
    std::ifstream comm("/proc/" + pid + "/comm");
    std::string name;
    std::getline(comm, name);
    return name + " (pid " + pid + ")";
  }
  return "";
}

}  // namespace foster
