// SPDX-License-Identifier: MIT
// The fd store: names, each with one or two fds that init holds so that they outlive whoever made them. Not:
// what they mean. Called by channel.cc, children.cc and say.cc. Invariants: an entry owns its fds; what is
// stored stays close-on-exec.
#pragma once

#include <stdint.h>

namespace foster::init {

// Takes the fds it keeps and sets those to -1. False: the store is full, or there are no fds.
bool PutStore(const char* name, int32_t* fds, uint32_t count);
int FindStored(const char* name);  // index; -1
void DropStored(const char* name);
int StoredFd(const char* name, uint32_t which);  // -1: unknown
uint32_t StoredCount(int index);

}  // namespace foster::init
