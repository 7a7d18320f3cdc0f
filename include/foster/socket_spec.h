// SPDX-License-Identifier: MIT
// SocketSpec: a listening socket that foster opens and holds for a service, and hands to each of its
// incarnations (LISTEN_FDS, from fd 3 on, in the order of ServiceSpec::sockets). Plain values with ==. Not:
// opening it (supervise/sockets.h). Invariant: the socket lives as long as the service is in the plan with an
// equal SocketSpec, so nobody is refused while the service restarts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foster {

enum class SocketKind : std::uint8_t {
  kTcp,            // host, port
  kUdp,            // host, port
  kUnixStream,     // path; "@name" = abstract
  kUnixDatagram,   // path
  kUnixSeqpacket,  // path
};

struct SocketSpec {
  SocketKind kind = SocketKind::kTcp;
  std::string host = "127.0.0.1";  // "" = all addresses, both families
  std::uint16_t port = 0;
  std::string path;
  std::uint32_t mode = 0600;  // of a unix socket
  std::string owner;          // "user[:group]" of a unix socket; empty = the service's own user
  std::uint32_t backlog = 4096;
  std::string name;       // for LISTEN_FDNAMES; empty = the service's own name
  bool as_stdin = false;  // handed over as fd 0 instead (FastCGI)
  bool operator==(const SocketSpec&) const = default;
};

// When a service with sockets is started.
enum class Activation : std::uint8_t {
  kBoot,      // as any other
  kOnDemand,  // by the first connection or datagram (CauseKind::kDemand while it waits)
};

std::string_view NameOf(SocketKind kind);        // "tcp", "udp", "unix", "unix_datagram", "unix_seqpacket"
std::string_view NameOf(Activation activation);  // "boot", "on_demand"
std::optional<SocketKind> SocketKindFromName(std::string_view name);
std::optional<Activation> ActivationFromName(std::string_view name);

}  // namespace foster
