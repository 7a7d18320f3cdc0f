// SPDX-License-Identifier: MIT
// Where things are: FOSTER_SERVICES, FOSTER_WORKLOADS, FOSTER_SEED, FOSTER_SOCKET and their defaults.
// Not: creating anything. Called by: supervise, load, validate, client. Invariant: all paths absolute.
#pragma once

#include <string>

namespace foster {

struct Paths {
  std::string services;  // FOSTER_SERVICES, else /etc/foster/services.d
  std::string
      workloads;  // FOSTER_WORKLOADS, else /workspaces/*/workloads if exactly one, else /etc/foster/workloads
  std::string seed;  // FOSTER_SEED, else /etc/foster/seed
};
Paths FindPaths();

// FOSTER_SOCKET; else /run/foster/control.sock if /run/foster exists or can be made by us; else
// $XDG_RUNTIME_DIR/foster/control.sock; else /tmp/foster-UID/control.sock; else
// /dev/shm/foster-UID/control.sock.
// For servers: the first whose directory can be made and written (created 0755, the /tmp one 0700 and checked
// to be ours). For clients: the first that exists.
std::string ServerSocketPath();
std::string ClientSocketPath();

}  // namespace foster
