// SPDX-License-Identifier: MIT
#include "sys/listen_sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "sys/unix_socket.h"

namespace foster {
namespace {

bool IsInternet(SocketKind kind) { return kind == SocketKind::kTcp || kind == SocketKind::kUdp; }

int TypeOf(SocketKind kind) {
  switch (kind) {
    case SocketKind::kTcp:
    case SocketKind::kUnixStream:
      return SOCK_STREAM;
    case SocketKind::kUdp:
    case SocketKind::kUnixDatagram:
      return SOCK_DGRAM;
    case SocketKind::kUnixSeqpacket:
      return SOCK_SEQPACKET;
  }
  return SOCK_STREAM;
}

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  int family() const { return bytes.ss_family; }
};

Error Cannot(const SocketSpec& spec, int error = errno) {
  return Error::FromErrno("cannot listen at " + SocketText(spec), error);
}

std::string BareHost(const SocketSpec& spec) {
  if (spec.host == "localhost") return "127.0.0.1";
  bool has_brackets = spec.host.size() > 2 && spec.host.front() == '[' && spec.host.back() == ']';
  return has_brackets ? spec.host.substr(1, spec.host.size() - 2) : spec.host;
}

Address V4Address(in_addr host, std::uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr = host;
  Address address;
  std::memcpy(&address.bytes, &v4, sizeof v4);
  address.size = sizeof v4;
  return address;
}

Address V6Address(in6_addr host, std::uint16_t port) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = host;
  Address address;
  std::memcpy(&address.bytes, &v6, sizeof v6);
  address.size = sizeof v6;
  return address;
}

Result<Address> InternetAddress(const SocketSpec& spec) {
  std::string host = BareHost(spec);
  if (host.empty() || host == "*") return V6Address(in6addr_any, spec.port);
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return V4Address(v4, spec.port);
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return V6Address(v6, spec.port);
  return Error("cannot listen at " + SocketText(spec) + ": '" + spec.host + "' is not an address", EINVAL);
}

Result<Address> UnixAddress(const SocketSpec& spec) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  if (spec.path.empty() || spec.path.size() >= sizeof local.sun_path) return Cannot(spec, ENAMETOOLONG);
  std::memcpy(local.sun_path, spec.path.data(), spec.path.size());
  bool is_abstract = spec.path[0] == '@';
  if (is_abstract) local.sun_path[0] = '\0';
  Address address;
  std::memcpy(&address.bytes, &local, sizeof local);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + spec.path.size() + !is_abstract);
  return address;
}

Result<UniqueFd> BindInternet(const SocketSpec& spec, const Address& address) {
  UniqueFd fd(socket(address.family(), TypeOf(spec.kind) | SOCK_CLOEXEC, 0));
  if (!fd) return Cannot(spec);
  int on = 1;
  // For datagrams it would let two of them share the address.
  if (spec.kind == SocketKind::kTcp) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.family() == AF_INET6) {
    auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.bytes);
    int only = IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr) ? 0 : 1;
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  }
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0)
    return Cannot(spec);
  return fd;
}

Result<UniqueFd> OpenInternet(const SocketSpec& spec) {
  FOSTER_ASSIGN(Address address, InternetAddress(spec));
  auto fd = BindInternet(spec, address);
  bool is_all = BareHost(spec).empty() || BareHost(spec) == "*";
  if (fd.ok() || !is_all) return fd;
  int error = fd.error().code();
  if (error != EAFNOSUPPORT && error != EADDRNOTAVAIL) return fd;
  return BindInternet(spec, V4Address({INADDR_ANY}, spec.port));  // a container without IPv6
}

// A socket file whose socket nobody holds any more goes away; anything else stays.
void RemoveStale(const SocketSpec& spec, const Address& address) {
  struct stat info {};
  if (lstat(spec.path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  UniqueFd probe(socket(AF_UNIX, TypeOf(spec.kind) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  int result = connect(probe.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size);
  if (result != 0 && errno == ECONNREFUSED) unlink(spec.path.c_str());
}

Result<UniqueFd> OpenUnix(const SocketSpec& spec, const SocketOwner& owner) {
  FOSTER_ASSIGN(Address address, UnixAddress(spec));
  UniqueFd fd(socket(AF_UNIX, TypeOf(spec.kind) | SOCK_CLOEXEC, 0));
  if (!fd) return Cannot(spec);
  bool is_abstract = spec.path[0] == '@';
  if (!is_abstract) RemoveStale(spec, address);
  mode_t before = umask(0777);  // nobody gets in until owner and mode are right
  int bound = bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size);
  int error = errno;
  umask(before);
  if (bound != 0) return Cannot(spec, error);
  if (is_abstract) return fd;
  bool is_owned = true;
  if (owner.uid || owner.gid)
    is_owned = lchown(spec.path.c_str(), owner.uid.value_or(static_cast<uid_t>(-1)),
                      owner.gid.value_or(static_cast<gid_t>(-1))) == 0;
  if (is_owned && chmod(spec.path.c_str(), spec.mode) == 0) return fd;
  error = errno;
  unlink(spec.path.c_str());
  return Cannot(spec, error);
}

}  // namespace

Result<UniqueFd> OpenListenSocket(const SocketSpec& spec, const SocketOwner& owner) {
  auto fd = IsInternet(spec.kind) ? OpenInternet(spec) : OpenUnix(spec, owner);
  if (!fd.ok() || TypeOf(spec.kind) == SOCK_DGRAM) return fd;
  int backlog = static_cast<int>(std::min<std::uint32_t>(spec.backlog, INT32_MAX));
  if (listen(fd->get(), backlog) != 0) return Cannot(spec);
  return fd;
}

void RemoveSocketFile(int socket) {
  std::string path = BoundPath(socket);
  if (!path.empty()) unlink(path.c_str());
}

std::string SocketText(const SocketSpec& spec) {
  std::string kind(NameOf(spec.kind));
  if (!IsInternet(spec.kind)) return kind + " " + spec.path;
  std::string host = spec.host.empty() ? "*" : spec.host;
  bool is_v6 = host.find(':') != std::string::npos && host[0] != '[';
  return kind + " " + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(spec.port);
}

}  // namespace foster
