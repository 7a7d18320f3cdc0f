// SPDX-License-Identifier: MIT
#include "prober/socket_list.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "base/unique_fd.h"
#include "sys/addresses.h"

namespace foster {
namespace {

// Of include/net/tcp_states.h.
constexpr unsigned kEstablished = 1;
constexpr unsigned kSynReceived = 3;
constexpr unsigned kUnconnected = 7;  // TCP_CLOSE: a UDP socket that is connected to nobody
constexpr unsigned kCloseWait = 8;    // the client has closed its side, the service has not
constexpr unsigned kListen = 10;
constexpr unsigned kAcceptsFlag = 1u << 16;  // __SO_ACCEPTCON
constexpr unsigned kUnixConnecting = 2;      // in the queue of a listening socket
constexpr unsigned kUnixConnected = 3;

std::string ReadTable(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char buffer[65536];
  while (fd) {
    const ssize_t got = read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

// Calls `each` with the words of each line but the first (the headings). The last word takes the rest.
template <std::size_t kWords, class Each>
void ForEachLine(std::string_view table, Each each) {
  bool is_heading = true;
  while (!table.empty()) {
    const std::size_t end = table.find('\n');
    std::string_view line = table.substr(0, end);
    table.remove_prefix(end == std::string_view::npos ? table.size() : end + 1);
    if (std::exchange(is_heading, false)) continue;
    std::array<std::string_view, kWords> words{};
    for (std::size_t i = 0; i < kWords; ++i) {
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      words[i] = i + 1 == kWords ? line : line.substr(0, line.find(' '));
      line.remove_prefix(words[i].size());
    }
    each(words);
  }
}

std::uint64_t Number(std::string_view text, int base) {
  return std::strtoull(std::string(text).c_str(), nullptr, base);
}

// "0100007F:1F90", or 32 digits: words of 32 bits in the machine's own order.
void ParseAddress(std::string_view text, SocketEntry* entry) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || (colon != 8 && colon != 32)) return;
  std::array<std::uint32_t, 4> bits{};
  for (std::size_t i = 0; i < colon / 8; ++i)
    bits[i] = static_cast<std::uint32_t>(Number(text.substr(i * 8, 8), 16));
  char host[INET6_ADDRSTRLEN] = "";
  inet_ntop(colon == 8 ? AF_INET : AF_INET6, bits.data(), host, sizeof host);
  entry->host = host;
  entry->port = static_cast<std::uint16_t>(Number(text.substr(colon + 1), 16));
}

bool IsAnyAddress(const std::string& host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

// A connection to a socket that listens at both families has an address like ::ffff:127.0.0.1.
std::string_view Unmapped(std::string_view host) {
  constexpr std::string_view kMapped = "::ffff:";
  const bool is_mapped =
      host.substr(0, kMapped.size()) == kMapped && host.find('.') != std::string_view::npos;
  return is_mapped ? host.substr(kMapped.size()) : host;
}

// A name in the spec could be any address: then the port decides.
bool IsAt(const SocketEntry& entry, const SocketSpec& spec) {
  if (entry.port != spec.port) return false;
  if (IsAnyAddress(spec.host) || IsAnyAddress(entry.host) || !NumericAddress(spec.host, 0)) return true;
  return Unmapped(entry.host) == Unmapped(spec.host);
}

bool Concerns(const SocketEntry& entry, const SocketSpec& spec) {
  switch (spec.kind) {
    case SocketKind::kTcp:
      return entry.protocol.substr(0, 3) == "tcp" && IsAt(entry, spec);
    case SocketKind::kUdp:
      return entry.protocol.substr(0, 3) == "udp" && IsAt(entry, spec);
    case SocketKind::kUnixStream:
    case SocketKind::kUnixDatagram:
    case SocketKind::kUnixSeqpacket:
      return entry.protocol == "unix" && entry.path == spec.path;
  }
  return false;
}

}  // namespace

std::string AddressOf(const SocketEntry& socket) {
  return socket.protocol == "unix" ? socket.path : HostAndPort(socket.host, socket.port);
}

void SocketList::Add(SocketEntry entry) {
  if (entry.inode != 0) by_inode_.emplace(entry.inode, entries_.size());
  entries_.push_back(std::move(entry));
}

void SocketList::AddInet(const std::string& protocol, std::string_view table) {
  const bool is_tcp = protocol.substr(0, 3) == "tcp";
  ForEachLine<10>(table, [&](const auto& words) {
    SocketEntry entry;
    entry.protocol = protocol;
    ParseAddress(words[1], &entry);
    const auto state = static_cast<unsigned>(Number(words[3], 16));
    entry.inode = Number(words[9], 10);
    entry.is_listening = is_tcp ? state == kListen : state == kUnconnected;
    entry.is_open = is_tcp && (state == kEstablished || state == kSynReceived || state == kCloseWait);
    const std::size_t colon = words[4].find(':');  // tx_queue:rx_queue
    if (entry.is_listening && colon != std::string_view::npos)
      entry.waiting = Number(words[4].substr(colon + 1), 16);
    if (entry.is_listening || entry.is_open) Add(std::move(entry));
  });
}

void SocketList::AddUnix(std::string_view table) {
  ForEachLine<8>(table, [&](const auto& words) {
    SocketEntry entry;
    entry.protocol = "unix";
    entry.path = std::string(words[7]);
    const auto flags = static_cast<unsigned>(Number(words[3], 16));
    const auto type = static_cast<unsigned>(Number(words[4], 16));
    const auto state = static_cast<unsigned>(Number(words[5], 16));
    entry.inode = Number(words[6], 10);
    const bool is_connected = state == kUnixConnecting || state == kUnixConnected;
    entry.is_listening = type == SOCK_DGRAM ? !is_connected : (flags & kAcceptsFlag) != 0;
    entry.is_open = type != SOCK_DGRAM && !entry.is_listening && is_connected;
    if (!entry.path.empty() && (entry.is_listening || entry.is_open)) Add(std::move(entry));
  });
}

SocketList SocketList::Read(std::int32_t pid) {
  const std::string folder = pid > 0 ? "/proc/" + std::to_string(pid) + "/net/" : "/proc/self/net/";
  SocketList list;
  for (const char* protocol : {"tcp", "tcp6", "udp", "udp6"})
    list.AddInet(protocol, ReadTable(folder + protocol));
  list.AddUnix(ReadTable(folder + "unix"));
  return list;
}

const SocketEntry* SocketList::OfInode(std::uint64_t inode) const {
  const auto found = by_inode_.find(inode);
  return found == by_inode_.end() ? nullptr : &entries_[found->second];
}

std::string SocketList::WhyNotQuiet(const SocketSpec& spec) const {
  std::size_t open = 0;
  std::uint64_t waiting = 0;
  std::string address;
  for (const SocketEntry& entry : entries_) {
    if (!Concerns(entry, spec)) continue;
    if (entry.is_open) ++open;
    waiting += entry.waiting;
    if (address.empty()) address = AddressOf(entry);
  }
  if (open > 0)
    return address + " has " + std::to_string(open) + (open == 1 ? " connection" : " connections");
  return waiting > 0 ? "somebody waits at " + address : "";
}

}  // namespace foster
