// SPDX-License-Identifier: MIT
#include "gateway/listen_socket.h"

#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>

#include "gateway/port_holder.h"

namespace foster {
namespace {

constexpr int kBacklog = 128;
constexpr int kSocketFlags = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::optional<std::uint32_t> ParseId(const std::string& text) {
  if (text.empty() || text.size() > 10 || text.find_first_not_of("0123456789") != std::string::npos)
    return {};
  return static_cast<std::uint32_t>(std::stoul(text));
}

// "user", "user:group", by name or number.
Result<void> ChangeOwner(const std::string& path, const std::string& owner) {
  std::size_t colon = owner.find(':');
  std::string user = owner.substr(0, colon);
  std::string group = colon == std::string::npos ? "" : owner.substr(colon + 1);
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  if (auto id = ParseId(user)) {
    uid = *id;
  } else if (passwd* entry = ::getpwnam(user.c_str())) {
    uid = entry->pw_uid;
  } else {
    return Error("cannot set owner of " + path + ": no user '" + user + "'");
  }
  if (auto id = ParseId(group)) {
    gid = *id;
  } else if (!group.empty()) {
    struct group* entry = ::getgrnam(group.c_str());
    if (!entry) return Error("cannot set owner of " + path + ": no group '" + group + "'");
    gid = entry->gr_gid;
  }
  if (::chown(path.c_str(), uid, gid) != 0) return Error::FromErrno("cannot set owner of " + path);
  return Ok();
}

Result<sockaddr_un> UnixAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error("cannot listen on unix://" + path + ": the path is longer than 107 bytes");
  path.copy(address.sun_path, path.size());
  return address;
}

bool SomeoneListens(const sockaddr_un& address) {
  UniqueFd probe(::socket(AF_UNIX, kSocketFlags, 0));
  if (!probe) return false;
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
         errno == EAGAIN;
}

// Bound under another name and renamed: whoever sees the path can connect, and no moment has the wrong mode.
Result<UniqueFd> OpenUnix(const Listener& listener) {
  FOSTER_ASSIGN(sockaddr_un address, UnixAddress(listener.path));
  if (SomeoneListens(address))
    return Error("cannot listen on unix://" + listener.path + ": another server listens there", EADDRINUSE);
  std::string temporary = listener.path + "." + std::to_string(::getpid());
  FOSTER_ASSIGN(sockaddr_un first, UnixAddress(temporary));
  UniqueFd fd(::socket(AF_UNIX, kSocketFlags, 0));
  if (!fd) return Error::FromErrno("cannot make a socket");
  (void)::unlink(temporary.c_str());  // a leftover of a process with our pid, or nothing
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&first), sizeof first) != 0)
    return Error::FromErrno("cannot listen on unix://" + listener.path);
  auto finish = [&]() -> Result<void> {
    if (!listener.owner.empty()) FOSTER_TRY(ChangeOwner(temporary, listener.owner));
    if (::chmod(temporary.c_str(), listener.mode & 0777) != 0 || ::listen(fd.get(), kBacklog) != 0 ||
        ::rename(temporary.c_str(), listener.path.c_str()) != 0)
      return Error::FromErrno("cannot listen on unix://" + listener.path);
    return Ok();
  };
  if (auto done = finish(); !done.ok()) {
    (void)::unlink(temporary.c_str());  // the first failure is the one to tell
    return done.error();
  }
  return fd;
}

Result<UniqueFd> ListenOn(const addrinfo& address, const Listener& listener) {
  UniqueFd fd(::socket(address.ai_family, kSocketFlags, 0));
  if (!fd) return Error::FromErrno("cannot make a socket");
  int one = 1;
  // Connections of the server before us linger in TIME_WAIT; without this a restart would have to wait for
  // them.
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (::bind(fd.get(), address.ai_addr, address.ai_addrlen) == 0 && ::listen(fd.get(), kBacklog) == 0)
    return fd;
  int code = errno;
  std::string what = "cannot listen on " + AddressOf(listener);
  std::string holder = code == EADDRINUSE ? PortHolder(listener.port) : "";
  if (!holder.empty()) return Error(what + ": address in use by " + holder, code);
  return Error::FromErrno(what, code);
}

Result<UniqueFd> OpenTcp(const Listener& listener) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  bool all = listener.host.empty() || listener.host == "*";
  if (all) hints.ai_family = AF_INET;
  addrinfo* list = nullptr;
  std::string port = std::to_string(listener.port);
  int code = ::getaddrinfo(all ? nullptr : listener.host.c_str(), port.c_str(), &hints, &list);
  if (code != 0) return Error("cannot listen on " + AddressOf(listener) + ": " + ::gai_strerror(code));
  std::unique_ptr<addrinfo, FreeAddresses> owner(list);
  const addrinfo* chosen = list;
  for (const addrinfo* next = list; next; next = next->ai_next) {  // `localhost` means 127.0.0.1 first
    if (next->ai_family != AF_INET) continue;
    chosen = next;
    break;
  }
  return ListenOn(*chosen, listener);
}

}  // namespace

Result<UniqueFd> OpenListener(const Listener& listener) {
  return listener.path.empty() ? OpenTcp(listener) : OpenUnix(listener);
}

std::uint16_t BoundPort(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  return 0;
}

std::string AddressOf(const Listener& listener) {
  if (!listener.path.empty()) return "unix://" + listener.path;
  bool is_v6 = listener.host.find(':') != std::string::npos;
  std::string host = listener.host.empty() ? "*" : is_v6 ? "[" + listener.host + "]" : listener.host;
  return host + ":" + std::to_string(listener.port);
}

}  // namespace foster
