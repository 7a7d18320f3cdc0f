// SPDX-License-Identifier: MIT
#include "prober/socket_list.h"

#include <sys/un.h>

#include <catch2/catch.hpp>

#include "prober_rig.h"

namespace foster {
namespace {

constexpr char kTcp[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 11 1 0 100\n"
    "   1: 0100007F:1F90 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 20\n"
    "   2: 0100007F:A000 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 13 1 0 20\n"
    "   3: 0100007F:1F90 0100007F:A001 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0\n"
    "garbage\n";
constexpr char kTcp6[] =
    "  sl  local_address                         remote_address                        st tx_queue rx_queue\n"
    "   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 "
    "00:00000000 00000000     0        0 21 1 0 100\n"
    "   1: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000100007F:A000 08 00000000:00000000 "
    "00:00000000 00000000     0        0 22 1 0 100\n";

SocketSpec Tcp(std::uint16_t port, std::string host = "127.0.0.1") {
  SocketSpec spec;
  spec.port = port;
  spec.host = std::move(host);
  return spec;
}

TEST_CASE("the kernel's tables are read") {
  SocketList list;
  list.AddInet("tcp", kTcp);
  list.AddInet("tcp6", kTcp6);
  REQUIRE(list.OfInode(11) != nullptr);
  CHECK(AddressOf(*list.OfInode(11)) == "0.0.0.0:8080");
  CHECK(list.OfInode(11)->is_listening);
  CHECK(list.OfInode(11)->waiting == 3);
  CHECK(AddressOf(*list.OfInode(21)) == "[::]:80");
  CHECK(list.OfInode(12)->is_open);
  CHECK(list.OfInode(14) == nullptr);
  CHECK(list.entries().size() == 5);  // TIME_WAIT is nobody's any more
}

TEST_CASE("a socket is quiet when nothing is open on it and nobody waits") {
  SocketList list;
  list.AddInet("tcp", kTcp);
  list.AddInet("tcp6", kTcp6);
  CHECK(list.WhyNotQuiet(Tcp(8080)) == "0.0.0.0:8080 has 1 connection");
  CHECK(list.WhyNotQuiet(Tcp(80)) == "[::]:80 has 1 connection");
  CHECK(list.WhyNotQuiet(Tcp(80, "")) != "");
  CHECK(list.WhyNotQuiet(Tcp(80, "localhost")) != "");
  CHECK(list.WhyNotQuiet(Tcp(81)) == "");
  CHECK(list.WhyNotQuiet(Tcp(80, "127.0.0.2")) == "");
  SocketList waiting;
  waiting.AddInet("tcp", std::string(kTcp).substr(0, std::string(kTcp).find("   1:")));
  CHECK(waiting.WhyNotQuiet(Tcp(8080)) == "somebody waits at 0.0.0.0:8080");
}

ProberRequest Quiet(SocketSpec spec) {
  ProberRequest request;
  request.verb = ProberVerb::kQuiet;
  request.sockets = {std::move(spec)};
  return request;
}

TEST_CASE("a real TCP socket is quiet before, with and after a connection") {
  ProberRig rig;
  std::atomic<int> accepted = -1;
  TestServer server([&accepted](int fd) { accepted = fd; });
  CHECK(rig.AnswerTo(Quiet(Tcp(server.port()))).ok);
  Probe probe;
  probe.kind = ProbeKind::kTcp;
  UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = *NumericAddress("127.0.0.1", server.port());
  REQUIRE(connect(client.get(), reinterpret_cast<sockaddr*>(&address.storage), address.size) == 0);
  const auto open = rig.AnswerTo(Quiet(Tcp(server.port())));
  CHECK_FALSE(open.ok);
  while (accepted < 0) std::this_thread::yield();
  CHECK_FALSE(rig.AnswerTo(Quiet(Tcp(server.port(), ""))).ok);
  client.Reset();
  CHECK_FALSE(rig.AnswerTo(Quiet(Tcp(server.port()))).ok);  // the service's own end is still open
  close(accepted);
  CHECK(rig.AnswerTo(Quiet(Tcp(server.port()))).ok);
}

TEST_CASE("a real unix socket, abstract or a path, is quiet likewise") {
  const std::string name = GENERATE(as<std::string>(), "/tmp/foster-quiet-test", "@foster-quiet-test");
  unlink(name.c_str());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.c_str(), name.size());
  if (name[0] == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(listen(listener.get(), 4) == 0);
  SocketSpec spec;
  spec.kind = SocketKind::kUnixStream;
  spec.path = name;
  ProberRig rig;
  CHECK(rig.AnswerTo(Quiet(spec)).ok);
  UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK_FALSE(rig.AnswerTo(Quiet(spec)).ok);  // not accepted yet
  UniqueFd accepted(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(accepted);
  CHECK(rig.AnswerTo(Quiet(spec)).text == name + " has 1 connection");
  client.Reset();
  accepted.Reset();
  CHECK(rig.AnswerTo(Quiet(spec)).ok);
  unlink(name.c_str());
}

}  // namespace
}  // namespace foster
