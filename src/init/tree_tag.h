// SPDX-License-Identifier: MIT
// The tree tag: a number of its own for every child, worn as RLIMIT_LOCKS, which the kernel inherits and does
// nothing with. A process that has shed group, session, parent and environment still has it. Not: what
// follows from it (tree.h). Used by children.cc, command.cc, child_setup.cc and tree.cc. Invariants: a limit
// can always be lowered, so tags go down from init's own limit, in steps; what lies between two steps is left
// to an init below (three levels deep; deeper there are none, then tags are 0). The first is at a random
// place, so that inits side by side give different ones. A tag in the table is not given again.
#pragma once

#include <stdint.h>

namespace foster::init {

void BeginTags();  // at the first start
uint64_t TakeTag();
void WearTag(uint64_t tag);  // in a child; a tag of 0, or one that cannot be worn, changes nothing
// Index of the child whose tag, or one of an init below it, the process wears; -1: no child in the table.
int FindTagged(int32_t pid);

}  // namespace foster::init
