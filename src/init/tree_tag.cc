// SPDX-License-Identifier: MIT
#include "tree_tag.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc.h"
#include "say.h"
#include "state.h"

namespace foster::init {
namespace {

// How much room lies below a limit, and the steps in it: an init of the container, one below, one below that.
constexpr uint64_t kRooms[] = {uint64_t{1} << 62, uint64_t{1} << 30, uint64_t{1} << 10, 1};

uint64_t SomeNumber() {
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, GRND_NONBLOCK) == static_cast<ssize_t>(sizeof number)) return number;
  return static_cast<uint64_t>(Now()) * 2654435761u + static_cast<uint64_t>(getpid());
}

bool ReadLimit(int32_t pid, uint64_t* limit) {
  struct rlimit found;
  if (syscall(SYS_prlimit64, pid, RLIMIT_LOCKS, nullptr, &found) == 0) {
    *limit = found.rlim_max;
    return true;
  }
  return errno == EPERM && ReadLocksLimit(pid, limit);  // another user's, and we may not look
}

bool IsGiven(uint64_t tag) {
  for (uint32_t i = 0; i < state->child_top; ++i)
    if (state->tree_tags[i] == tag) return true;
  return false;
}

}  // namespace

void BeginTags() {
  TagState& tags = state->tags;
  struct rlimit own = {};
  if (getrlimit(RLIMIT_LOCKS, &own) != 0) return;
  tags.base = own.rlim_max >= kRooms[0] ? kRooms[0] : own.rlim_max;
  for (int level = 0; level < 3 && tags.count == 0; ++level) {
    if (tags.base == 0 || tags.base % kRooms[level] != 0) continue;
    tags.step = kRooms[level + 1];
    tags.count = kRooms[level] / tags.step - 1;
  }
  if (tags.count > 0) tags.next = SomeNumber() % tags.count;
}

uint64_t TakeTag() {
  TagState& tags = state->tags;
  for (uint64_t tries = 0; tries < tags.count && tries <= kMaxChildren; ++tries) {
    uint64_t tag = tags.base - (tags.next + 1) * tags.step;
    tags.next = (tags.next + 1) % tags.count;
    if (!IsGiven(tag)) return tag;
  }
  return 0;
}

void WearTag(uint64_t tag) {
  struct rlimit limit = {static_cast<rlim_t>(tag), static_cast<rlim_t>(tag)};
  if (tag != 0) (void)setrlimit(RLIMIT_LOCKS, &limit);
}

int FindTagged(int32_t pid) {
  const TagState& tags = state->tags;
  uint64_t limit = 0;
  if (tags.count == 0 || !ReadLimit(pid, &limit) || limit >= tags.base) return -1;
  uint64_t number = (tags.base - limit) / tags.step;
  if (number == 0 || number > tags.count) return -1;
  uint64_t tag = tags.base - number * tags.step;
  for (uint32_t i = 0; i < state->child_top; ++i)
    if (state->tree_tags[i] == tag) return static_cast<int>(i);
  return -1;
}

}  // namespace foster::init
