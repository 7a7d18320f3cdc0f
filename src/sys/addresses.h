// SPDX-License-Identifier: MIT
// Where something connects to: numbers at once, names through the resolver. Not: connecting. Called by: the
// prober, http_connection.cc, logd's syslog sink. Invariant: ResolveName may take as long as it likes: it is
// for a thread that nobody waits for.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace foster {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// "127.0.0.1", "::1", "[::1]"; nothing for a name.
std::optional<SocketAddress> NumericAddress(const std::string& host, std::uint16_t port);
// At most kMaxAddresses, in the order of the resolver. Error: "lookup db: Name or service not known".
inline constexpr std::size_t kMaxAddresses = 8;
Result<std::vector<SocketAddress>> ResolveName(const std::string& host, std::uint16_t port);
// The number or the name.
Result<std::vector<SocketAddress>> AddressesOf(const std::string& host, std::uint16_t port);

std::string HostAndPort(const std::string& host, std::uint16_t port);  // "[::1]:80", "db:80"
std::string ToText(const SocketAddress& address);                      // "127.0.0.1:80", "[::1]:80"

}  // namespace foster
