// SPDX-License-Identifier: MIT
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault.h"
#include "say.h"

namespace foster::init {

InitState* state = nullptr;

namespace {

InitState* Map(int flags, int fd) {
  void* memory = mmap(nullptr, sizeof(InitState), PROT_READ | PROT_WRITE, flags, fd, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<InitState*>(memory);
}

// A fault may have been one of memory: what is out of range is made harmless, the rest goes on.
void Repair() {
  if (state->child_top > kMaxChildren) state->child_top = kMaxChildren;
  if (state->store_top > kMaxStoreEntries) state->store_top = kMaxStoreEntries;
  for (uint32_t i = 0; i < state->child_top; ++i) {
    Child& child = state->children[i];
    child.key.name[kMaxNameLength - 1] = '\0';
    if (child.state > kChildFailed) FreeSlot(static_cast<int>(i));
  }
  for (uint32_t i = 0; i < state->store_top; ++i) state->store[i].name[kMaxNameLength - 1] = '\0';
  if (state->current.fd_count > kMaxMessageFds) state->current.fd_count = kMaxMessageFds;
}

// The state that another image of this process left at `fd`.
bool Inherit(int fd) {
  StateHeader header;
  if (fd < 0 || pread(fd, &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header) ||
      header.magic != kStateMagic || header.owner != getpid())
    return false;
  if (header.version != kStateVersion || header.size != sizeof(InitState)) {
    Say("the running init's memory is of version %u, this program's of %u: the old program goes on",
        header.version, kStateVersion);
    ExecuteProgram(header.program_fd, fd);
    return false;
  }
  struct stat file;
  if (fstat(fd, &file) != 0 || file.st_size != static_cast<off_t>(sizeof(InitState))) return false;
  state = Map(MAP_SHARED, fd);
  return state != nullptr;
}

}  // namespace

bool OpenState(int fd) {
  if (Inherit(fd)) {
    state->header.own_fd = fd;
    Repair();
    return true;
  }
  int fresh = memfd_create("foster-init", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fresh >= 0 && ftruncate(fresh, sizeof(InitState)) == 0) {
    // Nobody can cut it off below us: that would be a SIGBUS on every access.
    (void)fcntl(fresh, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    state = Map(MAP_SHARED, fresh);
  }
  if (state == nullptr) {
    Say("no memfd (%s): a fault of init itself will lose the table of children", strerror(errno));
    if (fresh >= 0) close(fresh);
    fresh = -1;
    state = Map(MAP_SHARED | MAP_ANONYMOUS, -1);
    if (state == nullptr) _exit(1);  // not even 4 MiB: nothing could be started either
  }
  state->header = {kStateMagic, kStateVersion, sizeof(InitState), getpid(), fresh, -1};
  state->supervise.channel = -1;
  state->supervise.snapshot = kSnapshotDone;
  return false;
}

uint32_t HashName(const char* name, uint32_t salt) {
  uint32_t hash = 2166136261u ^ salt;
  for (uint32_t i = 0; i < kMaxNameLength && name[i] != '\0'; ++i)
    hash = (hash ^ static_cast<unsigned char>(name[i])) * 16777619u;
  return hash == 0 ? 1 : hash;
}

bool SameKey(const ChildKey& left, const ChildKey& right) {
  return left.role == right.role && left.incarnation == right.incarnation &&
         strncmp(left.name, right.name, kMaxNameLength) == 0;
}

int FindChild(const ChildKey& key) {
  uint32_t hash = HashName(key.name, key.role);
  for (uint32_t i = 0; i < state->child_top; ++i)
    if (state->key_hash[i] == hash && SameKey(state->children[i].key, key)) return static_cast<int>(i);
  return -1;
}

int FindLive(const ChildKey& key) {
  uint32_t hash = HashName(key.name, key.role);
  for (uint32_t i = 0; i < state->child_top; ++i) {
    const Child& child = state->children[i];
    if (state->key_hash[i] == hash && (child.state == kChildSpawning || child.state == kChildLive) &&
        child.key.role == key.role && strncmp(child.key.name, key.name, kMaxNameLength) == 0)
      return static_cast<int>(i);
  }
  return -1;
}

int FindPid(int32_t pid) {
  for (uint32_t i = 0; i < state->child_top; ++i)
    if (state->pids[i] == pid) return static_cast<int>(i);
  return -1;
}

int TakeSlot(const ChildKey& key) {
  uint32_t i = 0;
  while (i < state->child_top && state->key_hash[i] != 0) ++i;
  if (i == kMaxChildren) return -1;
  Child& child = state->children[i];
  memset(&child, 0, sizeof child);
  child.key = key;
  child.exec_fd = -1;
  child.state = kChildSpawning;
  state->pids[i] = 0;
  state->tell[i] = 0;
  state->tree_tags[i] = 0;
  state->key_hash[i] = HashName(key.name, key.role);
  if (i == state->child_top) state->child_top = i + 1;
  return static_cast<int>(i);
}

void FreeSlot(int index) {
  state->key_hash[index] = 0;
  state->tell[index] = 0;
  state->pids[index] = 0;
  state->tree_tags[index] = 0;
  state->children[index].state = kChildFree;
  while (state->child_top > 0 && state->key_hash[state->child_top - 1] == 0) --state->child_top;
}

}  // namespace foster::init
