// SPDX-License-Identifier: MIT
#include "sys/stdin_end.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace foster {
namespace {

constexpr int kPipeBytes = 64 << 10;
constexpr int kDrainRounds = 16;

}  // namespace

Result<StdinPair> MakeStdinPipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Error::FromErrno("cannot make a pipe for stdin");
  StdinPair pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
  (void)fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);  // else it keeps its smaller size
  if (fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) return Error::FromErrno("cannot make a pipe for stdin");
  return pair;
}

Result<StdinPair> MakeStdinTerminal() {
  UniqueFd master(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!master) return Error::FromErrno("cannot make a terminal");
  if (unlockpt(master.get()) != 0) return Error::FromErrno("cannot unlock a terminal");
  UniqueFd slave(ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave) return Error::FromErrno("cannot open a terminal");
  termios settings{};
  winsize size{};
  size.ws_row = 24;
  size.ws_col = 80;
  if (tcgetattr(slave.get(), &settings) != 0) return Error::FromErrno("cannot set a terminal");
  settings.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOCTL);
  if (tcsetattr(slave.get(), TCSANOW, &settings) != 0 || ioctl(master.get(), TIOCSWINSZ, &size) != 0 ||
      fcntl(master.get(), F_SETFL, O_NONBLOCK) != 0)
    return Error::FromErrno("cannot set a terminal");
  return StdinPair{std::move(slave), std::move(master)};
}

bool DrainTerminal(int master) {
  char bytes[4096];
  ssize_t n = 1;
  for (int i = 0; i < kDrainRounds && n > 0; ++i) n = read(master, bytes, sizeof bytes);
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

}  // namespace foster
