// SPDX-License-Identifier: MIT
#include "say.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

// `text` as a JSON string holds it, as far as it fits; how long that is.
size_t PutJsonText(const char* text, size_t length, char* to, size_t room) {
  size_t used = 0;
  for (size_t i = 0; i < length && used + 8 < room; ++i) {
    unsigned byte = static_cast<unsigned char>(text[i]);
    if (byte == '"' || byte == '\\')
      used += static_cast<size_t>(snprintf(to + used, room - used, "\\%c", static_cast<int>(byte)));
    else if (byte < 0x20 || byte >= 0x7f)
      used += static_cast<size_t>(snprintf(to + used, room - used, "\\u%04x", byte >= 0x80 ? 0xfffd : byte));
    else
      to[used++] = static_cast<char>(byte);
  }
  return used;
}

// The line as logd writes one of the service "foster" when FOSTER_LOG_FORMAT is json. Without malloc: also
// said when memory is what is wrong.
size_t ToJson(const char* text, size_t length, char* to, size_t room) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  struct tm day;
  gmtime_r(&now.tv_sec, &day);
  char moment[32];
  (void)strftime(moment, sizeof moment, "%Y-%m-%dT%H:%M:%S", &day);
  int head = snprintf(to, room,
                      "{\"time\":\"%s.%09ldZ\",\"service\":\"foster\",\"stream\":\"stderr\","
                      "\"incarnation\":0,\"seq\":0,\"text\":\"",
                      moment, now.tv_nsec);
  size_t used = static_cast<size_t>(head);
  constexpr char kEnd[] = "\"}\n";
  used += PutJsonText(text, length, to + used, room - used - sizeof kEnd);
  memcpy(to + used, kEnd, sizeof kEnd - 1);
  return used + sizeof kEnd - 1;
}

void SayOnStderr(const char* line, size_t length) {
  const char* format = getenv("FOSTER_LOG_FORMAT");
  if (format != nullptr && strcmp(format, "json") == 0) {
    char json[4096];  // a pipe takes this much wholly or not at all
    (void)WriteIfWritable(STDERR_FILENO, json, ToJson(line, length - 1, json, sizeof json));
    return;
  }
  (void)WriteIfWritable(STDERR_FILENO, line, length);
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
  if (log < 0 || !WriteIfWritable(log, line, length + 1)) SayOnStderr(line, length + 1);
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
