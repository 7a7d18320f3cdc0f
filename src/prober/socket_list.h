// SPDX-License-Identifier: MIT
// SocketList: the TCP, UDP and unix sockets of one network namespace, as /proc/PID/net lists them. Not: whose
// they are (process_files.h has the inodes a process holds). Called by: tree_figures.cc, prober.cc.
// Invariant: a table that is not there (no IPv6) is empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "foster/socket_spec.h"

namespace foster {

struct SocketEntry {
  std::string protocol;  // "tcp", "tcp6", "udp", "udp6", "unix"
  std::string host;      // "127.0.0.1", "::", ""
  std::uint16_t port = 0;
  std::string path;           // unix: "@name" = abstract
  std::uint64_t inode = 0;    // 0 = nobody's yet: it waits to be accepted
  bool is_listening = false;  // or, for datagrams, bound and connected to nobody
  bool is_open = false;       // a connection, from its first packet until both ends have closed
  std::uint64_t waiting = 0;  // listening: connections nobody accepted; UDP: bytes nobody read
};

std::string AddressOf(const SocketEntry& socket);  // "0.0.0.0:8080", "[::]:80", path

class SocketList {
 public:
  // As `pid` sees the network; 0 = as this process does.
  static SocketList Read(std::int32_t pid);
  // The lines of one table; `protocol` as in SocketEntry. (For tests: what Read() is made of.)
  void AddInet(const std::string& protocol, std::string_view table);
  void AddUnix(std::string_view table);

  const std::vector<SocketEntry>& entries() const { return entries_; }
  const SocketEntry* OfInode(std::uint64_t inode) const;
  // "" = nothing is open on it and nothing waits; else what is: "127.0.0.1:80 has 2 connections".
  std::string WhyNotQuiet(const SocketSpec& spec) const;

 private:
  void Add(SocketEntry entry);
  std::vector<SocketEntry> entries_;
  std::unordered_map<std::uint64_t, std::size_t> by_inode_;
};

}  // namespace foster
