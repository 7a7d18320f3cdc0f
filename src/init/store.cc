// SPDX-License-Identifier: MIT
#include "store.h"

#include <string.h>
#include <unistd.h>

#include "state.h"

namespace foster::init {
namespace {

void CloseFds(StoreEntry* entry) {
  for (int32_t& fd : entry->fds) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
}

int TakeEntry(const char* name) {
  uint32_t i = 0;
  while (i < state->store_top && state->store_hash[i] != 0) ++i;
  if (i == kMaxStoreEntries) return -1;
  StoreEntry& entry = state->store[i];
  strncpy(entry.name, name, kMaxNameLength - 1);
  entry.name[kMaxNameLength - 1] = '\0';
  entry.fds[0] = entry.fds[1] = -1;
  state->store_hash[i] = HashName(entry.name, 0);
  if (i == state->store_top) state->store_top = i + 1;
  return static_cast<int>(i);
}

}  // namespace

int FindStored(const char* name) {
  uint32_t hash = HashName(name, 0);
  for (uint32_t i = 0; i < state->store_top; ++i)
    if (state->store_hash[i] == hash && strncmp(state->store[i].name, name, kMaxNameLength) == 0)
      return static_cast<int>(i);
  return -1;
}

bool PutStore(const char* name, int32_t* fds, uint32_t count) {
  if (count == 0 || count > 2 || *name == '\0') return false;
  int index = FindStored(name);
  if (index < 0) index = TakeEntry(name);
  if (index < 0) return false;
  StoreEntry& entry = state->store[index];
  CloseFds(&entry);
  for (uint32_t i = 0; i < count; ++i) {
    entry.fds[i] = fds[i];
    fds[i] = -1;
  }
  return true;
}

void DropStored(const char* name) {
  int index = FindStored(name);
  if (index < 0) return;
  CloseFds(&state->store[index]);
  state->store_hash[index] = 0;
  while (state->store_top > 0 && state->store_hash[state->store_top - 1] == 0) --state->store_top;
}

int StoredFd(const char* name, uint32_t which) {
  int index = FindStored(name);
  return index < 0 || which > 1 ? -1 : state->store[index].fds[which];
}

uint32_t StoredCount(int index) {
  return state->store[index].fds[1] >= 0 ? 2 : state->store[index].fds[0] >= 0 ? 1 : 0;
}

}  // namespace foster::init
