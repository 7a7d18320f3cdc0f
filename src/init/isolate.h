// SPDX-License-Identifier: MIT
// DANGER: runs in a child between fork and exec. The mount and PID namespaces of a service, and its root
// directory. Not: making the PID namespace (Fork() does, for a process cannot enter one itself). Called by
// child_setup.cc. Invariant: mounts are made only where nobody else sees them; what cannot be made is an
// error, never left out.
#pragma once

#include "foster/init_protocol.h"

namespace foster::init {

// What Fork() has to make for this plan.
int NamespacesOf(const SpawnPlan& plan);
// False: errno.
bool EnterNamespaces(const SpawnPlan& plan);
bool EnterRoot(const SpawnPlan& plan);

}  // namespace foster::init
