// SPDX-License-Identifier: MIT
#include "sys/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace foster {

bool IsTerminal(int fd) { return ::isatty(fd) == 1; }

int TerminalWidth(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace foster
