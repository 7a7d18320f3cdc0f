// SPDX-License-Identifier: MIT
#include "logd/syslog_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sys/addresses.h"

namespace foster {
namespace {

bool IsBusy(int error) { return error == EAGAIN || error == EINTR || error == ENOBUFS; }

Result<UniqueFd> Connected(int family, int type, const sockaddr* address, socklen_t size) {
  UniqueFd fd(socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Error::FromErrno("cannot make a socket");
  if (connect(fd.get(), address, size) != 0) return Error::FromErrno("cannot connect");
  return fd;
}

}  // namespace

Result<SyslogTarget> ParseSyslogTarget(std::string_view text) {
  SyslogTarget target;
  if (text.substr(0, 5) == "unix:") {
    target.path = text.substr(5);
    if (target.path.empty() || target.path.size() >= sizeof(sockaddr_un::sun_path) ||
        target.path.front() != '/')
      return Error("cannot use the address: the path is not absolute or too long");
    return target;
  }
  if (text.substr(0, 4) != "udp:")
    return Error("cannot use the address: it begins with neither unix: nor udp:");
  text.remove_prefix(4);
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos &&
                        (bracket == std::string_view::npos ? text.find(':') == colon : colon > bracket);
  target.host = text.substr(0, has_port ? colon : text.size());
  if (target.host.empty()) return Error("cannot use the address: it has no host");
  if (!has_port) return target;
  unsigned port = 0;
  for (char c : text.substr(colon + 1)) {
    if (c < '0' || c > '9' || port > 6553) return Error("cannot use the address: its port is wrong");
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  if (port == 0 || port > 65535) return Error("cannot use the address: its port is wrong");
  target.port = static_cast<std::uint16_t>(port);
  return target;
}

Result<void> SyslogSocket::Open() {
  Close();
  auto done = is_udp() ? OpenUdp() : OpenUnix();
  if (!done.ok()) error_ = done.error().code();
  return done;
}

void SyslogSocket::Close() {
  fd_.Reset();
  rest_.clear();
}

Result<void> SyslogSocket::OpenUnix() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(target_.path.begin(), target_.path.end(), address.sun_path);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  auto fd = Connected(AF_UNIX, SOCK_DGRAM, where, sizeof address);
  is_stream_ = !fd.ok() && fd.error().code() == EPROTOTYPE;
  if (is_stream_) fd = Connected(AF_UNIX, SOCK_STREAM, where, sizeof address);
  if (!fd.ok()) return fd.error();
  fd_ = std::move(*fd);
  return Ok();
}

Result<void> SyslogSocket::OpenUdp() {
  is_stream_ = false;
  auto addresses = AddressesOf(target_.host, target_.port);
  if (!addresses.ok()) return addresses.error();
  Result<void> done = Ok();
  for (const SocketAddress& address : *addresses) {
    const auto* where = reinterpret_cast<const sockaddr*>(&address.storage);
    auto fd = Connected(address.storage.ss_family, SOCK_DGRAM, where, address.size);
    if (fd.ok()) {
      fd_ = std::move(*fd);
      return Ok();
    }
    done = fd.error();
  }
  return done;
}

SyslogSocket::Sent SyslogSocket::Fail(int error, Sent how) {
  error_ = error;
  Close();
  return how;
}

SyslogSocket::Sent SyslogSocket::Send(std::string_view message) {
  return is_stream_ ? SendOnStream(message) : SendDatagram(message);
}

// UDP has no answer but "nobody is there", which comes with the next call: at once where the host is near,
// and then it is of this message; else of an earlier one.
SyslogSocket::Sent SyslogSocket::SendDatagram(std::string_view message) {
  if (send(fd_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    if (IsBusy(errno)) return Sent::kFull;
    error_ = errno;
    if (errno == EMSGSIZE) return Sent::kTooLong;
    return Fail(errno, is_udp() && errno == ECONNREFUSED ? Sent::kLostLast : Sent::kFailed);
  }
  if (!is_udp()) return Sent::kYes;
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0) return Fail(error);
  return Sent::kYes;
}

// "LENGTH MESSAGE" (RFC 6587). What was begun is ended first; mostly the caller comes with the same again.
SyslogSocket::Sent SyslogSocket::SendOnStream(std::string_view message) {
  const bool is_other = !rest_.empty() && under_way_ != message;
  if (is_other) {
    if (const Sent ended = SendRest(); ended != Sent::kYes) return ended;
  }
  if (rest_.empty()) {
    under_way_ = message;
    rest_ = std::to_string(message.size()) + " " + under_way_;
  }
  return SendRest();
}

SyslogSocket::Sent SyslogSocket::SendRest() {
  while (!rest_.empty()) {
    const ssize_t sent = send(fd_.get(), rest_.data(), rest_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return IsBusy(errno) ? Sent::kFull : Fail(errno);
    rest_.erase(0, static_cast<std::size_t>(sent));
  }
  return Sent::kYes;
}

void SyslogSocket::Wait(Millis limit) const {
  pollfd entry{fd_.get(), POLLOUT, 0};
  (void)poll(&entry, 1, static_cast<int>(limit.count()));  // whatever it says, the next Send finds out
}

}  // namespace foster
