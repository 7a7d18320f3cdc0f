// SPDX-License-Identifier: MIT
// OpenListener: a listening socket as a workload's config asks for it: TCP, or AF_UNIX with mode and owner.
// Not: accepting. Called by: gateway.cc. Invariants: non-blocking, close-on-exec; an AF_UNIX path appears
// only when the socket behind it listens and has its mode and owner; a live server's path is never taken
// away.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/plan.h"

namespace foster {

// The error of a port in use names its holder where /proc shows it: "address in use by node (pid 12)".
Result<UniqueFd> OpenListener(const Listener& listener);

// The port that a TCP socket is bound to (for port 0), 0 when it has none.
std::uint16_t BoundPort(int fd);

// "127.0.0.1:9001", "unix:///run/x.sock".
std::string AddressOf(const Listener& listener);

}  // namespace foster
