// SPDX-License-Identifier: MIT
// foster supervise: DECIDES. Started by foster-init alone, which passes the socket between them.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "apps/apps.h"
#include "foster/exit_code.h"
#include "supervise/supervisor.h"

namespace foster {
namespace {

int SocketFromInit() {
  const char* text = std::getenv("FOSTER_INIT_FD");
  int fd = -1;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), fd);
  return fd > 2 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fd : -1;
}

}  // namespace

int SuperviseMain(int, char**) {
  int fd = SocketFromInit();
  if (fd < 0) {
    std::fputs("foster supervise: this role is started by foster-init; to ask it things, use svc\n", stderr);
    return kExitUsage;
  }
  std::signal(SIGPIPE, SIG_IGN);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);  // with fewer it works for fewer services
  }
  Supervisor supervisor{UniqueFd(fd)};
  return supervisor.Run();
}

}  // namespace foster
