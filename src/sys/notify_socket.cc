// SPDX-License-Identifier: MIT
#include "sys/notify_socket.h"

#include <dirent.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

namespace foster {
namespace {

constexpr std::size_t kMaxDatagramFds = 64;

struct Address {
  sockaddr_un value{};
  socklen_t size = 0;
};

std::optional<Address> Encode(const std::string& text) {
  Address address;
  address.value.sun_family = AF_UNIX;
  if (text.empty() || text.size() >= sizeof address.value.sun_path) return std::nullopt;
  std::memcpy(address.value.sun_path, text.data(), text.size());
  bool is_abstract = text[0] == '@';
  if (is_abstract) address.value.sun_path[0] = '\0';
  address.size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size() + (is_abstract ? 0 : 1));
  return address;
}

std::string RandomName() {
  std::array<unsigned char, 16> bytes{};
  (void)getrandom(bytes.data(), bytes.size(), 0);  // 16 bytes always come at once
  std::string name;
  for (unsigned char byte : bytes)
    for (int half : {byte >> 4, byte & 15}) name += "0123456789abcdef"[half];
  return name;
}

// The directory above must let everybody through, unless we are not root: then services are of our own user.
bool IsForEverybody(const std::string& directory) {
  std::string above = directory.substr(0, directory.rfind('/'));
  struct stat info {};
  if (stat(above.empty() ? "/" : above.c_str(), &info) != 0) return false;
  if (geteuid() == 0 && (info.st_mode & S_IXOTH) == 0) return false;
  (void)mkdir(directory.c_str(), 0711);  // what counts is what is there now
  (void)chmod(directory.c_str(), 0711);  // whatever the umask is
  if (lstat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return false;
  return info.st_uid == geteuid() && (info.st_mode & 0777) == 0711 &&
         access(directory.c_str(), W_OK | X_OK) == 0;
}

bool AnybodyListens(const std::string& path) {
  auto address = Encode(path);
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!address || !fd) return true;
  return connect(fd.get(), reinterpret_cast<sockaddr*>(&address->value), address->size) == 0 ||
         errno != ECONNREFUSED;
}

void TakeControl(const msghdr& packet, Datagram* datagram) {
  auto* movable = const_cast<msghdr*>(&packet);
  for (cmsghdr* header = CMSG_FIRSTHDR(movable); header != nullptr; header = CMSG_NXTHDR(movable, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_CREDENTIALS) {
      ucred sender{};
      std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
      datagram->pid = sender.pid;
    }
    if (header->cmsg_type != SCM_RIGHTS) continue;
    std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int received;
      std::memcpy(&received, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      datagram->fds.emplace_back(received);
    }
  }
}

}  // namespace

std::string NewNotifyAddress(const std::string& directory) {
  std::string path = directory + "/" + RandomName();
  if (!directory.empty() && Encode(path) && IsForEverybody(directory)) return path;
  return "@foster-notify-" + RandomName();
}

Result<UniqueFd> BindNotifySocket(const std::string& text) {
  auto address = Encode(text);
  if (!address) return Error("the notification socket's name is too long: " + text, ENAMETOOLONG);
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return Error::FromErrno("cannot make a notification socket");
  int on = 1;
  if (setsockopt(fd.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
    return Error::FromErrno("cannot ask for the senders of notifications");
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address->value), address->size) != 0)
    return Error::FromErrno("cannot listen for notifications at " + text);
  if (text[0] != '@' && chmod(text.c_str(), 0666) != 0)
    return Error::FromErrno("cannot open " + text + " to everybody");
  return fd;
}

std::string NotifyAddressOf(int fd) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  if (size <= offsetof(sockaddr_un, sun_path)) return "";
  std::string text(address.sun_path, size - offsetof(sockaddr_un, sun_path));
  if (text[0] == '\0') {
    text[0] = '@';
    return text;
  }
  return text.c_str();  // without the final NUL
}

void RemoveNotifyAddress(const std::string& address) {
  if (!address.empty() && address[0] == '/') unlink(address.c_str());
}

void SweepNotifyDirectory(const std::string& directory) {
  DIR* listing = opendir(directory.c_str());
  if (listing == nullptr) return;
  while (dirent* entry = readdir(listing)) {
    std::string path = directory + "/" + entry->d_name;
    struct stat info {};
    if (lstat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode) && !AnybodyListens(path))
      unlink(path.c_str());
  }
  closedir(listing);
}

Result<Datagram> PeekDatagram(int fd, std::size_t limit) {
  Datagram datagram;
  datagram.bytes.resize(limit);
  iovec part{datagram.bytes.data(), datagram.bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxDatagramFds * sizeof(int)) + CMSG_SPACE(sizeof(ucred))];
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  packet.msg_control = control;
  packet.msg_controllen = sizeof control;
  ssize_t n;
  do n = recvmsg(fd, &packet, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0) return Error::FromErrno("cannot look at a notification");
  datagram.cut = (packet.msg_flags & MSG_TRUNC) != 0;
  datagram.bytes.resize(static_cast<std::size_t>(n));
  TakeControl(packet, &datagram);
  return datagram;
}

void DropDatagram(int fd) {
  char byte;
  ssize_t n;
  do n = recv(fd, &byte, 1, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
}

}  // namespace foster
