// SPDX-License-Identifier: MIT
#include "sys/paths.h"

#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace foster {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string FromRoot(const std::string& path) {
  if (path.empty() || path.front() == '/') return path;
  char* directory = getcwd(nullptr, 0);
  std::string result = directory ? std::string(directory) + "/" + path : "/" + path;
  std::free(directory);
  return result;
}

std::string OnlyWorkspace() {
  glob_t found{};
  std::string result;
  if (glob("/workspaces/*/workloads", 0, nullptr, &found) == 0 && found.gl_pathc == 1)
    result = found.gl_pathv[0];
  globfree(&found);
  return result;
}

struct Candidate {
  std::string directory;
  mode_t mode;
  bool must_be_ours;  // /tmp is everybody's: somebody else's directory there is a trap
};

std::vector<Candidate> Candidates() {
  std::vector<Candidate> candidates{{"/run/foster", 0755, false}};
  if (std::string runtime = Environment("XDG_RUNTIME_DIR"); !runtime.empty() && runtime.front() == '/')
    candidates.push_back({runtime + "/foster", 0755, false});
  candidates.push_back({"/tmp/foster-" + std::to_string(geteuid()), 0700, true});
  // A container whose whole root is read-only still has this one.
  candidates.push_back({"/dev/shm/foster-" + std::to_string(geteuid()), 0700, true});
  return candidates;
}

bool Usable(const Candidate& candidate) {
  const char* path = candidate.directory.c_str();
  (void)mkdir(path, candidate.mode);  // it may be there already; what counts is what is there now
  struct stat info {};
  if (lstat(path, &info) != 0 || !S_ISDIR(info.st_mode)) return false;
  if (candidate.must_be_ours && (info.st_uid != geteuid() || (info.st_mode & 0077) != 0)) return false;
  return access(path, W_OK | X_OK) == 0;
}

constexpr const char* kSocketName = "/control.sock";

}  // namespace

Paths FindPaths() {
  Paths paths;
  paths.services = FromRoot(Environment("FOSTER_SERVICES"));
  if (paths.services.empty()) paths.services = "/etc/foster/services.d";
  paths.workloads = FromRoot(Environment("FOSTER_WORKLOADS"));
  if (paths.workloads.empty()) paths.workloads = OnlyWorkspace();
  if (paths.workloads.empty()) paths.workloads = "/etc/foster/workloads";
  paths.seed = FromRoot(Environment("FOSTER_SEED"));
  if (paths.seed.empty()) paths.seed = "/etc/foster/seed";
  return paths;
}

std::string ServerSocketPath() {
  if (std::string named = FromRoot(Environment("FOSTER_SOCKET")); !named.empty()) return named;
  for (const Candidate& candidate : Candidates())
    if (Usable(candidate)) return candidate.directory + kSocketName;
  return Candidates().back().directory + kSocketName;
}

std::string ClientSocketPath() {
  if (std::string named = FromRoot(Environment("FOSTER_SOCKET")); !named.empty()) return named;
  for (const Candidate& candidate : Candidates()) {
    std::string path = candidate.directory + kSocketName;
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) continue;
    if (candidate.must_be_ours && (stat(candidate.directory.c_str(), &info) != 0 || info.st_uid != geteuid()))
      continue;
    return path;
  }
  return Candidates().front().directory + kSocketName;
}

}  // namespace foster
