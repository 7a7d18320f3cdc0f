// SPDX-License-Identifier: MIT
// AF_UNIX sockets: listening at a path, who is at the other end, packets with fds. Not: framing or queues.
// Called by: supervise, init_channel. Invariant: every fd is non-blocking and close-on-exec; nothing here
// waits; "not now" is Error code EAGAIN.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace foster {

// Removes a socket that lies there, binds and listens; mode 0666 (the peer's credentials decide).
Result<UniqueFd> ListenUnix(const std::string& path, int backlog);
Result<UniqueFd> AcceptUnix(int listener);
Result<std::uint32_t> PeerUid(int connection);
// Where `listener` was bound, when a socket still lies there; "" when it was removed.
std::string BoundPath(int listener);

// A pair of connected SOCK_SEQPACKET sockets.
Result<std::pair<UniqueFd, UniqueFd>> PacketPair();
Result<void> SendPacket(int fd, std::string_view bytes, std::span<const int> fds);
// Length of the packet, 0 at the end. `fds` gets what came with it.
Result<std::size_t> ReceivePacket(int fd, char* buffer, std::size_t size, std::vector<UniqueFd>* fds);

Result<std::size_t> ReadSome(int fd, char* buffer, std::size_t size);
Result<std::size_t> WriteSome(int fd, std::string_view bytes);

}  // namespace foster
