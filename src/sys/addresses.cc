// SPDX-License-Identifier: MIT
#include "sys/addresses.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace foster {

std::optional<SocketAddress> NumericAddress(const std::string& host, std::uint16_t port) {
  std::string bare = host;
  if (bare.size() > 2 && bare.front() == '[' && bare.back() == ']') bare = bare.substr(1, bare.size() - 2);
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, bare.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, bare.c_str(), &v6->sin6_addr) != 1) return std::nullopt;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  address.size = sizeof *v6;
  return address;
}

Result<std::vector<SocketAddress>> ResolveName(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  if (code != 0) {
    const int error = code == EAI_SYSTEM ? errno : EHOSTUNREACH;
    return Error("lookup " + host + ": " + (code == EAI_SYSTEM ? std::strerror(error) : gai_strerror(code)),
                 error);
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* next = found; next != nullptr && addresses.size() < kMaxAddresses;
       next = next->ai_next) {
    SocketAddress address;
    if (next->ai_addrlen > sizeof address.storage) continue;
    std::memcpy(&address.storage, next->ai_addr, next->ai_addrlen);
    address.size = next->ai_addrlen;
    addresses.push_back(address);
  }
  if (addresses.empty()) return Error("lookup " + host + ": it has no address", EHOSTUNREACH);
  return addresses;
}

Result<std::vector<SocketAddress>> AddressesOf(const std::string& host, std::uint16_t port) {
  if (const auto address = NumericAddress(host, port)) return std::vector{*address};
  return ResolveName(host, port);
}

std::string HostAndPort(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos && host.front() != '[';
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string ToText(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    return HostAndPort(text, ntohs(v6->sin6_port));
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
  inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  return HostAndPort(text, ntohs(v4->sin_port));
}

}  // namespace foster
