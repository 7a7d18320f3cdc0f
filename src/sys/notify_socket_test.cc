// SPDX-License-Identifier: MIT
#include "sys/notify_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace foster {
namespace {

struct Directory {
  Directory() {
    char name[] = "/tmp/foster-notify-XXXXXX";
    path = mkdtemp(name);
    std::filesystem::permissions(path, std::filesystem::perms(0755));
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string path;
};

void Say(const std::string& address, const std::string& text, int fd_to_send = -1) {
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address.data(), address.size());
  if (address[0] == '@') to.sun_path[0] = '\0';
  iovec part{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr packet{};
  packet.msg_name = &to;
  packet.msg_namelen = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  if (fd_to_send >= 0) {
    packet.msg_control = control;
    packet.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&packet);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd_to_send, sizeof(int));
  }
  REQUIRE(sendmsg(fd.get(), &packet, 0) == static_cast<ssize_t>(text.size()));
}

}  // namespace

TEST_CASE("a notification is looked at, keeps its place and tells its sender") {
  Directory directory;
  std::string address =
      GENERATE(true, false) ? NewNotifyAddress(directory.path + "/notify") : NewNotifyAddress("");
  auto fd = BindNotifySocket(address);
  REQUIRE(fd.ok());
  CHECK(NotifyAddressOf(fd->get()) == address);
  CHECK(PeekDatagram(fd->get(), 100).error().code() == EAGAIN);
  Say(address, "READY=1");
  Say(address, "STOPPING=1", fd->get());
  for (int i = 0; i < 2; ++i) {
    auto seen = PeekDatagram(fd->get(), 100);
    REQUIRE(seen.ok());
    CHECK(seen->bytes == "READY=1");
    CHECK(seen->pid == getpid());
    CHECK_FALSE(seen->cut);
    CHECK(seen->fds.empty());
  }
  DropDatagram(fd->get());
  auto next = PeekDatagram(fd->get(), 4);
  REQUIRE(next.ok());
  CHECK(next->bytes == "STOP");
  CHECK(next->cut);
  CHECK(next->fds.size() == 1);
  DropDatagram(fd->get());
  CHECK(PeekDatagram(fd->get(), 100).error().code() == EAGAIN);
}

TEST_CASE("the directory of notification sockets lets everybody through and nobody list it") {
  Directory directory;
  std::string notify = directory.path + "/notify";
  std::string address = NewNotifyAddress(notify);
  CHECK(address.starts_with(notify + "/"));
  CHECK(address != NewNotifyAddress(notify));
  struct stat info {};
  REQUIRE(stat(notify.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0711);
  auto fd = BindNotifySocket(address);
  REQUIRE(fd.ok());
  REQUIRE(stat(address.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0666);
  CHECK(NewNotifyAddress(directory.path + "/no/such/place").starts_with("@"));
}

TEST_CASE("sockets that nobody holds are swept away, others stay") {
  Directory directory;
  std::string notify = directory.path + "/notify";
  std::string held = NewNotifyAddress(notify);
  std::string left = NewNotifyAddress(notify);
  auto fd = BindNotifySocket(held);
  REQUIRE(fd.ok());
  REQUIRE(BindNotifySocket(left).ok());  // closed at once
  SweepNotifyDirectory(notify);
  CHECK(access(held.c_str(), F_OK) == 0);
  CHECK(access(left.c_str(), F_OK) != 0);
  RemoveNotifyAddress(held);
  CHECK(access(held.c_str(), F_OK) != 0);
}

}  // namespace foster
