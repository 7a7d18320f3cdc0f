// SPDX-License-Identifier: MIT
// Access: what a peer may do, by its uid. Not: reading the uid (sys/unix_socket.h). Pure. Called by:
// ControlServer.
#pragma once

#include <cstdint>
#include <string_view>

namespace foster {

enum class Access : std::uint8_t { kRead, kFull };

inline Access AccessOf(std::uint32_t peer_uid, std::uint32_t own_uid) {
  return peer_uid == 0 || peer_uid == own_uid ? Access::kFull : Access::kRead;
}

inline std::string_view NameOf(Access access) { return access == Access::kFull ? "full" : "read"; }

}  // namespace foster
