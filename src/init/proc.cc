// SPDX-License-Identifier: MIT
#include "proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

namespace foster::init {
namespace {

constexpr int kExecLooks = 5;
constexpr long kExecMoment = 200000;  // ns

bool is_usable = false;
char large_buffer[256 * 1024];
char listing_buffer[64 * 1024];

// -1: not to be opened.
ssize_t ReadAll(const char* path, char* buffer, size_t room) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  size_t used = 0;
  while (used < room) {
    ssize_t got = read(fd, buffer + used, room - used);
    if (got <= 0) break;
    used += static_cast<size_t>(got);
  }
  close(fd);
  return static_cast<ssize_t>(used);
}

// The directory entry as the kernel lays it out; readdir() would need the heap.
struct KernelEntry {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  unsigned char type;
  char name[1];
};

}  // namespace

void CheckProc() {
  char target[32] = {};
  ssize_t length = readlink("/proc/self", target, sizeof target - 1);
  is_usable = length > 0 && atoi(target) == getpid();
  if (!is_usable)
    Say("no /proc of this PID namespace: what leaves its process group cannot be found when a service is "
        "killed");
}

bool IsProcUsable() { return is_usable; }

bool ReadProcess(int32_t pid, ProcessInfo* info) {
  if (!is_usable) return false;
  char path[32];
  char text[1024];
  (void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
  ssize_t size = ReadAll(path, text, sizeof text - 1);
  if (size < 0) return false;
  text[size] = '\0';
  const char* after_name = strrchr(text, ')');
  if (after_name == nullptr) return false;
  unsigned long long start = 0;
  unsigned long long memory = 0;
  int fields = sscanf(after_name + 1,
                      " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu %llu",
                      &info->run_state, &info->parent, &info->group, &info->session, &start, &memory);
  info->pid = pid;
  info->start_time = start;
  info->is_member = false;
  info->has_memory = memory != 0;
  return fields == 6;
}

void TagOf(const ChildKey& key, char* tag, size_t size) {
  (void)snprintf(tag, size, "%s/%llu", key.name, static_cast<unsigned long long>(key.incarnation));
}

bool HasTag(const ProcessInfo& process, const char* tag) {
  if (!is_usable) return false;
  char path[40];
  char wanted[kMaxNameLength + 64];
  (void)snprintf(path, sizeof path, "/proc/%d/environ", process.pid);
  int length = snprintf(wanted, sizeof wanted, "FOSTER_SERVICE=%s", tag);
  ssize_t size = ReadAll(path, large_buffer, sizeof large_buffer - 1);
  // In the midst of an exec there is memory, but no environment yet: that lasts for a moment.
  for (int i = 0; size == 0 && process.has_memory && i < kExecLooks; ++i) {
    struct timespec moment = {0, kExecMoment};
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, nullptr);
    size = ReadAll(path, large_buffer, sizeof large_buffer - 1);
  }
  if (size <= 0) return false;
  large_buffer[size] = '\0';
  for (ssize_t at = 0; at < size; at += static_cast<ssize_t>(strlen(large_buffer + at)) + 1)
    if (strncmp(large_buffer + at, wanted, static_cast<size_t>(length) + 1) == 0) return true;
  return false;
}

bool ReadLocksLimit(int32_t pid, uint64_t* limit) {
  if (!is_usable) return false;
  char path[32];
  char text[4096];
  (void)snprintf(path, sizeof path, "/proc/%d/limits", pid);
  ssize_t size = ReadAll(path, text, sizeof text - 1);
  if (size <= 0) return false;
  text[size] = '\0';
  const char* line = strstr(text, "Max file locks");
  unsigned long long hard = 0;
  if (line == nullptr) return false;
  *limit = sscanf(line + 14, " %*s %llu", &hard) == 1 ? hard : ~uint64_t{0};  // "unlimited"
  return true;
}

size_t ListProcesses(ProcessInfo* list, size_t room) {
  int fd = is_usable ? open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (fd < 0) return 0;
  size_t count = 0;
  for (;;) {
    long got = syscall(SYS_getdents64, fd, listing_buffer, sizeof listing_buffer);
    if (got <= 0) break;
    for (long at = 0; at < got && count < room;) {
      KernelEntry entry;
      memcpy(&entry, listing_buffer + at, sizeof entry);
      const char* name = listing_buffer + at + offsetof(KernelEntry, name);
      if (*name >= '1' && *name <= '9' && ReadProcess(atoi(name), &list[count])) ++count;
      at += entry.length;
    }
  }
  close(fd);
  return count;
}

int ListOwnChildren(int32_t* list, size_t room) {
  if (!is_usable) return -1;
  char path[64];
  (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", getpid(), getpid());
  ssize_t size = ReadAll(path, large_buffer, sizeof large_buffer - 1);
  if (size < 0) return -1;
  large_buffer[size] = '\0';
  int count = 0;
  char* rest = large_buffer;
  for (long pid; (pid = strtol(rest, &rest, 10)) > 0 && static_cast<size_t>(count) < room;)
    list[count++] = static_cast<int32_t>(pid);
  return count;
}

bool ReadNumber(const char* path, int32_t* value) {
  char text[32];
  ssize_t size = ReadAll(path, text, sizeof text - 1);
  text[size > 0 ? size : 0] = '\0';
  *value = atoi(text);
  return size > 0;
}

bool WriteNumber(const char* path, int32_t value) {
  char text[32];
  int length = snprintf(text, sizeof text, "%d", value);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool is_written = write(fd, text, static_cast<size_t>(length)) == length;
  close(fd);
  return is_written;
}

}  // namespace foster::init
