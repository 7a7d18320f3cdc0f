// SPDX-License-Identifier: MIT
#include "sys/client_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

#include "sys/clock.h"

namespace foster {

Result<UniqueFd> ConnectLocal(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error("the path is longer than " + std::to_string(sizeof address.sun_path - 1) + " bytes",
                 ENAMETOOLONG);
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return Error::FromErrno("cannot make a socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    int code = errno;
    return Error(std::strerror(code), code);
  }
  return fd;
}

Result<unsigned> WaitFor(int fd, unsigned bits, MonoTime deadline) {
  short events = static_cast<short>(((bits & kWaitRead) ? POLLIN : 0) | ((bits & kWaitWrite) ? POLLOUT : 0));
  pollfd entry{fd, events, 0};
  int timeout = -1;
  if (deadline != kNoDeadline) {
    auto left = std::clamp<Millis::rep>((deadline - MonoNow()).count(), 0, 60'000);
    timeout = static_cast<int>(left);
  }
  int ready = ::poll(&entry, 1, timeout);
  if (ready < 0 && errno != EINTR) return Error::FromErrno("cannot wait for the socket");
  if (ready <= 0) return 0U;
  // An error or a hang-up shows itself at the next receive or send.
  if (entry.revents & (POLLERR | POLLHUP | POLLNVAL)) return bits;
  return ((entry.revents & POLLIN) ? kWaitRead : 0U) | ((entry.revents & POLLOUT) ? kWaitWrite : 0U);
}

Result<std::size_t> ReceiveSome(int fd, char* buffer, std::size_t size) {
  ssize_t count = ::recv(fd, buffer, size, MSG_DONTWAIT);
  if (count < 0) return Error::FromErrno("cannot receive", errno == EINTR ? EAGAIN : errno);
  return static_cast<std::size_t>(count);
}

Result<std::size_t> SendSome(int fd, std::string_view bytes) {
  ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0) return Error::FromErrno("cannot send", errno == EINTR ? EAGAIN : errno);
  return static_cast<std::size_t>(count);
}

void PauseUntil(MonoTime when) {
  auto left = std::clamp<Millis::rep>((when - MonoNow()).count(), 0, 60'000);
  (void)::poll(nullptr, 0, static_cast<int>(left));  // woken early: the caller looks at the clock itself
}

}  // namespace foster
