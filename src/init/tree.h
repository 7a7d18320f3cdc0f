// SPDX-License-Identifier: MIT
// Which processes belong to a child, and signals to them. Not: when. Called by channel.cc, children.cc and
// stop.cc. A tree is: the child; its group and session; everything below it; everything with its
// tree tag (tree_tag.h) or its FOSTER_SERVICE variable, unless the tree tag is that of another running child.
// Invariants: a pid is signalled only while it is certain whose it is: an unreaped child of ours, or one held
// by a pidfd whose start time was looked at; a group only while a child of ours is in it.
#pragma once

#include "foster/init_protocol.h"

namespace foster::init {

void SignalChild(int index, int signal, uint32_t scope);
// Processes of the tree that are not dead.
uint32_t CountTree(int index);
// Whether it is one of them now.
bool IsInTree(int index, int32_t pid);
// Everything below init itself, when it is not PID 1.
void SignalDescendants(int signal);

// For the reaper: what a child left behind, seen from the children of init. BeginLingerScan() once, then
// LeavesSomething() for each child that was reaped.
void BeginLingerScan();
bool LeavesSomething(int index);

}  // namespace foster::init
