// SPDX-License-Identifier: MIT
// PortHolder: who listens on a TCP port, from /proc. Only for the text of an error: it reads every fd of
// every process that it may see. Called by: listen_socket.cc.
#pragma once

#include <cstdint>
#include <string>

namespace foster {

// "node (pid 12)", or "" when it cannot be found.
std::string PortHolder(std::uint16_t port);

}  // namespace foster
