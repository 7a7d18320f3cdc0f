// SPDX-License-Identifier: MIT
#include "sys/listen_sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>

namespace foster {
namespace {

struct TemporaryDirectory {
  TemporaryDirectory() {
    char text[] = "/tmp/foster-listen-XXXXXX";
    path = mkdtemp(text);
  }
  ~TemporaryDirectory() { (void)std::system(("rm -rf " + path).c_str()); }
  std::string path;
};

SocketSpec Unix(const std::string& path, SocketKind kind = SocketKind::kUnixStream) {
  SocketSpec spec;
  spec.kind = kind;
  spec.path = path;
  return spec;
}

SocketSpec Internet(SocketKind kind, const std::string& host, std::uint16_t port = 0) {
  SocketSpec spec;
  spec.kind = kind;
  spec.host = host;
  spec.port = port;
  return spec;
}

std::uint16_t PortOf(int fd) {
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin6_port);  // at the same place as sin_port
}

// errno of a connection to 127.0.0.1:port; 0 = connected.
int ConnectV4(std::uint16_t port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

int ConnectUnix(const std::string& path, int type = SOCK_STREAM) {
  UniqueFd fd(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  socklen_t size = sizeof(sa_family_t) + static_cast<socklen_t>(path.size());
  if (path[0] == '@') address.sun_path[0] = '\0';
  return connect(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0 ? 0 : errno;
}

UniqueFd Opened(const SocketSpec& spec, const SocketOwner& owner = {}) {
  auto fd = OpenListenSocket(spec, owner);
  INFO((fd.ok() ? "" : fd.error().message()));
  REQUIRE(fd.ok());
  return std::move(*fd);
}

}  // namespace

TEST_CASE("a tcp socket listens, blocking and close-on-exec") {
  UniqueFd fd = Opened(Internet(SocketKind::kTcp, "127.0.0.1"));
  CHECK(ConnectV4(PortOf(fd.get())) == 0);
  CHECK((fcntl(fd.get(), F_GETFL) & O_NONBLOCK) == 0);
  CHECK((fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("no host is all addresses, of both families") {
  UniqueFd fd = Opened(Internet(SocketKind::kTcp, ""));
  CHECK(ConnectV4(PortOf(fd.get())) == 0);
  int domain = 0;
  socklen_t size = sizeof domain;
  getsockopt(fd.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size);
  UniqueFd v6(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(domain == (v6 ? AF_INET6 : AF_INET));
}

TEST_CASE("an address that somebody has is refused by its errno") {
  for (SocketKind kind : {SocketKind::kTcp, SocketKind::kUdp}) {
    UniqueFd first = Opened(Internet(kind, "127.0.0.1"));
    auto second = OpenListenSocket(Internet(kind, "127.0.0.1", PortOf(first.get())), {});
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code() == EADDRINUSE);
    CHECK(second.error().message().find("cannot listen at " + std::string(NameOf(kind)) + " 127.0.0.1:") ==
          0);
  }
}

TEST_CASE("a host that is no address is refused without asking anybody") {
  auto fd = OpenListenSocket(Internet(SocketKind::kTcp, "example.org", 80), {});
  REQUIRE_FALSE(fd.ok());
  CHECK(fd.error().code() == EINVAL);
}

TEST_CASE("a unix socket has its mode and owner") {
  TemporaryDirectory directory;
  SocketSpec spec = Unix(directory.path + "/s");
  spec.mode = 0640;
  SocketOwner owner;
  if (geteuid() == 0) owner = {1234, 4321};
  UniqueFd fd = Opened(spec, owner);
  struct stat info {};
  REQUIRE(stat(spec.path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0640);
  if (geteuid() == 0) CHECK(info.st_uid == 1234);
  if (geteuid() == 0) CHECK(info.st_gid == 4321);
  CHECK(ConnectUnix(spec.path) == 0);
}

TEST_CASE("every kind of unix socket can be opened") {
  TemporaryDirectory directory;
  UniqueFd datagram = Opened(Unix(directory.path + "/d", SocketKind::kUnixDatagram));
  CHECK(ConnectUnix(directory.path + "/d", SOCK_DGRAM) == 0);
  UniqueFd packets = Opened(Unix(directory.path + "/p", SocketKind::kUnixSeqpacket));
  CHECK(ConnectUnix(directory.path + "/p", SOCK_SEQPACKET) == 0);
  std::string name = "@foster-test-" + std::to_string(getpid());
  UniqueFd abstract = Opened(Unix(name));
  CHECK(ConnectUnix(name) == 0);
}

TEST_CASE("a stale socket file is replaced, a live one and any other file is not") {
  TemporaryDirectory directory;
  SocketSpec spec = Unix(directory.path + "/s");
  { UniqueFd gone = Opened(spec); }
  CHECK(access(spec.path.c_str(), F_OK) == 0);
  UniqueFd fd = Opened(spec);
  auto second = OpenListenSocket(spec, {});
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code() == EADDRINUSE);
  CHECK(ConnectUnix(spec.path) == 0);

  SocketSpec file = Unix(directory.path + "/file");
  UniqueFd made(open(file.path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  auto third = OpenListenSocket(file, {});
  REQUIRE_FALSE(third.ok());
  CHECK(third.error().code() == EADDRINUSE);
  CHECK(access(file.path.c_str(), F_OK) == 0);
}

TEST_CASE("a socket's file is removed by the socket") {
  TemporaryDirectory directory;
  SocketSpec spec = Unix(directory.path + "/s");
  UniqueFd fd = Opened(spec);
  RemoveSocketFile(fd.get());
  CHECK(access(spec.path.c_str(), F_OK) != 0);
}

TEST_CASE("a path that is too long is refused") {
  auto fd = OpenListenSocket(Unix("/tmp/" + std::string(120, 'x')), {});
  REQUIRE_FALSE(fd.ok());
  CHECK(fd.error().code() == ENAMETOOLONG);
}

TEST_CASE("sockets are shown by kind and address") {
  CHECK(SocketText(Internet(SocketKind::kTcp, "127.0.0.1", 80)) == "tcp 127.0.0.1:80");
  CHECK(SocketText(Internet(SocketKind::kTcp, "", 80)) == "tcp *:80");
  CHECK(SocketText(Internet(SocketKind::kUdp, "::", 53)) == "udp [::]:53");
  CHECK(SocketText(Unix("/run/app.sock")) == "unix /run/app.sock");
}

}  // namespace foster
