// SPDX-License-Identifier: MIT
#include "supervise/spawn.h"

#include <sys/auxv.h>
#include <unistd.h>

#include <unordered_map>

#include "supervise/spawn_isolation.h"
#include "supervise/stdin_ends.h"
#include "sys/log_table.h"
#include "sys/path_search.h"

namespace foster {
namespace {

constexpr std::string_view kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const Command& CommandOf(const ServiceSpec& spec, Role role) {
  switch (role) {
    case Role::kMain:
      return spec.run;
    case Role::kFinish:
      return spec.finish;
    case Role::kDown:
      return spec.down;
    case Role::kStop:
      return spec.stop.command;
  }
  return spec.run;
}

FdWish StorePipe(std::string_view prefix, const std::string& name) {
  return {kFdStore, 1, std::string(prefix) + name, 0};
}

void AddStdio(const SpawnRequest& request, SpawnWish* wish) {
  const std::string& name = request.spec->name;
  FdWish out = request.has_out_pipe ? StorePipe(kStorePipePrefix, name) : FdWish{kFdInherit, 1, "", 0};
  FdWish err = request.has_err_pipe ? StorePipe(kStoreErrPrefix, name) : FdWish{kFdInherit, 2, "", 0};
  FdWish in = request.has_stdin ? FdWish{kFdStore, 0, StdinEnds::StoreName(name), 0} : FdWish{};
  wish->stdio = {in, out, request.spec->merge_stderr ? out : err};
  if (request.has_notify) wish->fds.push_back({kFdMessage, 0, "", request.spec->readiness.notify_fd});
}

}  // namespace

std::variant<SpawnWish, SpawnProblem> MakeSpawnWish(const SpawnRequest& request,
                                                    const std::vector<std::string>& own_environment) {
  const ServiceSpec& spec = *request.spec;
  const Command& command = request.command != nullptr ? *request.command : CommandOf(spec, request.role);
  SpawnWish wish;
  wish.argv = command.argv;
  if (wish.argv.empty()) return SpawnProblem{kStageExec, ENOENT, "there is no command"};
  if (request.role == Role::kFinish) {
    wish.argv.push_back(std::to_string(request.status.signal != 0 ? 256 : request.status.code));
    wish.argv.push_back(std::to_string(request.status.signal));
    wish.argv.push_back(spec.name);
    wish.argv.push_back(std::to_string(request.main_pid));
  }
  wish.cwd = command.cwd;
  wish.environment =
      MergeEnvironment(MergeEnvironment(own_environment, spec.environment), request.environment);
  if (request.role == Role::kStop)
    wish.environment = MergeEnvironment(wish.environment, {"MAINPID=" + std::to_string(request.main_pid)});
  AddStdio(request, &wish);
  if (auto problem = AddIsolation(request, &wish)) return *problem;
  if (!wish.cwd.empty() && LookForDirectory(wish.cwd, wish.chroot) != 0)
    return SpawnProblem{kStageCwd, ENOENT, "no such directory '" + wish.cwd + "'"};
  std::string_view search = ValueIn(wish.environment, "PATH");
  auto file = FindProgram(wish.argv[0], search.empty() ? kDefaultPath : search,
                          wish.cwd.empty() ? "/" : wish.cwd, wish.chroot);
  if (!file.ok()) return SpawnProblem{kStageExec, file.error().code(), file.error().message()};
  wish.file = *file;
  if (!AddListenFds(request.listen_fds, &wish))
    return SpawnProblem{kStageFds, EBUSY, "its sockets and held fds would lie where its notification fd is"};
  return wish;
}

std::vector<std::string> OwnEnvironment() {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view text(*entry);
    if (!text.starts_with("FOSTER_INIT_FD=")) result.emplace_back(text);
  }
  return result;
}

std::vector<std::string> MergeEnvironment(const std::vector<std::string>& base,
                                          const std::vector<std::string>& over) {
  std::vector<std::string> merged;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto* part : {&base, &over}) {
    for (const std::string& entry : *part) {
      auto [found, is_new] = places.try_emplace(entry.substr(0, entry.find('=')), merged.size());
      if (is_new) {
        merged.push_back(entry);
      } else {
        merged[found->second] = entry;
      }
    }
  }
  return merged;
}

std::string_view ValueIn(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& entry : environment)
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name))
      return std::string_view(entry).substr(name.size() + 1);
  return "";
}

std::string SelfPath() {
  char buffer[4096];
  ssize_t n = readlink("/proc/self/exe", buffer, sizeof buffer);
  if (n <= 0) {  // no /proc: as init has called us
    const char* called = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
    return called != nullptr && called[0] == '/' ? called : "foster";
  }
  std::string path(buffer, static_cast<std::size_t>(n));
  constexpr std::string_view kGone = " (deleted)";
  if (path.ends_with(kGone))
    path.resize(path.size() - kGone.size());  // replaced by an upgrade: the new one then
  return path;
}

}  // namespace foster
