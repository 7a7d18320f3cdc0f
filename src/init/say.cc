// SPDX-License-Identifier: MIT
#include "say.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "state.h"
#include "store.h"

namespace foster::init {
namespace {

// A writable pipe has room for PIPE_BUF bytes, which is more than a line: the write does not block.
bool WriteIfWritable(int fd, const char* line, size_t length) {
  struct pollfd out = {fd, POLLOUT, 0};
  return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0 && write(fd, line, length) > 0;
}

}  // namespace

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
  // Through foster's own log pipe while logd prints it: stderr may be the same file as the stdout that logd
  // writes, and this line would then fall into the middle of one of its own.
  int log = state != nullptr && state->stop.phase < kStopTerm ? StoredFd("err:foster", 1) : -1;
  if (log < 0 || !WriteIfWritable(log, line, length + 1))
    (void)WriteIfWritable(STDERR_FILENO, line, length + 1);
}

int64_t Now() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * kSecond + now.tv_nsec;
}

int64_t SecondsVariable(const char* name, double standard) {
  const char* text = getenv(name);
  double seconds = standard;
  if (text != nullptr && *text != '\0') {
    char* end = nullptr;
    double value = strtod(text, &end);
    if (*end == '\0' && value >= 0 && value <= 1e6)
      seconds = value;
    else
      Say("%s=%s is no number of seconds; using %g", name, text, standard);
  }
  return static_cast<int64_t>(seconds * static_cast<double>(kSecond));
}

}  // namespace foster::init
