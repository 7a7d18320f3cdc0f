// SPDX-License-Identifier: MIT
#include "say.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

namespace foster::init {

void Say(const char* format, ...) {
  char line[1024];
  int used = snprintf(line, sizeof line, "foster-init: ");
  va_list arguments;
  va_start(arguments, format);
  int more = vsnprintf(line + used, sizeof line - static_cast<size_t>(used) - 1, format, arguments);
  va_end(arguments);
  if (more < 0) return;
  size_t length = static_cast<size_t>(used) + static_cast<size_t>(more);
  if (length > sizeof line - 2) length = sizeof line - 2;
  line[length] = '\n';
  // A writable pipe has room for PIPE_BUF bytes, which is more than a line: the write does not block.
  struct pollfd out = {STDERR_FILENO, POLLOUT, 0};
  if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0)
    if (write(STDERR_FILENO, line, length + 1) < 0) return;  // nobody to tell
}

int64_t Now() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * kSecond + now.tv_nsec;
}

}  // namespace foster::init
