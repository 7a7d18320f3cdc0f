// SPDX-License-Identifier: MIT
// Listening sockets of services: opened as a SocketSpec says. Not: whose they are and how long they live
// (supervise/sockets.h). Called by: supervise. Invariants: close-on-exec; blocking, as a service expects to
// get it, so nobody here may read or accept; the file of a unix socket has its owner and mode before anybody
// can connect; a file that is no socket, or whose socket somebody still holds, is never removed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/socket_spec.h"

namespace foster {

struct SocketOwner {
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
};

// TCP and UDP want an address as host (or "localhost"); "" and "::" are all addresses of both families where
// there is IPv6. Errors carry the errno: EADDRINUSE, EACCES, EINVAL (no address) ...
Result<UniqueFd> OpenListenSocket(const SocketSpec& spec, const SocketOwner& owner);
// Removes the file that `socket` is bound to, if it is still that of a socket.
void RemoveSocketFile(int socket);
// "tcp 127.0.0.1:8080", "udp [::]:53", "tcp *:80", "unix /run/app.sock"
std::string SocketText(const SocketSpec& spec);

}  // namespace foster
