// SPDX-License-Identifier: MIT
#include "sys/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace foster {
namespace {

constexpr std::size_t kMaxPacketFds = 8;

Result<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error("the socket's path is too long: " + path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

bool IsSocket(const char* path) {
  struct stat info {};
  return lstat(path, &info) == 0 && S_ISSOCK(info.st_mode);
}

}  // namespace

Result<UniqueFd> ListenUnix(const std::string& path, int backlog) {
  FOSTER_ASSIGN(sockaddr_un address, AddressOf(path));
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return Error::FromErrno("cannot make a socket");
  if (IsSocket(path.c_str())) unlink(path.c_str());
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return Error::FromErrno("cannot listen at " + path);
  if (chmod(path.c_str(), 0666) != 0) return Error::FromErrno("cannot open " + path + " to everybody");
  if (listen(fd.get(), backlog) != 0) return Error::FromErrno("cannot listen at " + path);
  return fd;
}

Result<UniqueFd> AcceptUnix(int listener) {
  UniqueFd fd(accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd) return Error::FromErrno("cannot accept a connection");
  return fd;
}

Result<std::uint32_t> PeerUid(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return Error::FromErrno("cannot learn who is at the other end");
  return peer.uid;
}

std::string BoundPath(int listener) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  if (size <= sizeof(sa_family_t) || !IsSocket(address.sun_path)) return "";
  return address.sun_path;
}

Result<std::pair<UniqueFd, UniqueFd>> PacketPair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    return Error::FromErrno("cannot make a socket pair");
  return std::pair<UniqueFd, UniqueFd>(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

Result<void> SendPacket(int fd, std::string_view bytes, std::span<const int> fds) {
  if (fds.size() > kMaxPacketFds) return Error("too many fds for one packet", E2BIG);
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxPacketFds * sizeof(int))] = {};
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  if (!fds.empty()) {
    packet.msg_control = control;
    packet.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&packet);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
  }
  ssize_t n;
  do n = sendmsg(fd, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0) return Error::FromErrno("cannot send a packet");
  return Ok();
}

Result<std::size_t> ReceivePacket(int fd, char* buffer, std::size_t size, std::vector<UniqueFd>* fds) {
  iovec part{buffer, size};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxPacketFds * sizeof(int))];
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  packet.msg_control = control;
  packet.msg_controllen = sizeof control;
  ssize_t n;
  do n = recvmsg(fd, &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0) return Error::FromErrno("cannot receive a packet");
  for (cmsghdr* header = CMSG_FIRSTHDR(&packet); header != nullptr; header = CMSG_NXTHDR(&packet, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int received;
      std::memcpy(&received, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      fds->emplace_back(received);
    }
  }
  return static_cast<std::size_t>(n);
}

Result<std::size_t> ReadSome(int fd, char* buffer, std::size_t size) {
  ssize_t n;
  do n = read(fd, buffer, size);
  while (n < 0 && errno == EINTR);
  if (n < 0) return Error::FromErrno("cannot read");
  return static_cast<std::size_t>(n);
}

Result<std::size_t> WriteSome(int fd, std::string_view bytes) {
  ssize_t n;
  do n = write(fd, bytes.data(), bytes.size());
  while (n < 0 && errno == EINTR);
  if (n < 0) return Error::FromErrno("cannot write");
  return static_cast<std::size_t>(n);
}

}  // namespace foster
