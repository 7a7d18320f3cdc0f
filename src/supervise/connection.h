// SPDX-License-Identifier: MIT
// Connection: one client of the control socket: bytes in -> lines, lines -> bytes out, within bounds.
// Not: methods. Called by: ControlServer, which owns it. Invariants: at most kMaxUnsent bytes wait for the
// client, then it is cut off; at most kMaxInFlight requests are open; what it follows dies with it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "supervise/access.h"
#include "sys/log_reader.h"
#include "sys/loop.h"
#include "wire/rpc.h"

namespace foster {

// What `logs` with follow asked for.
struct LogFollow {
  bool active = false;
  std::vector<std::string> patterns;  // empty: all services
  LogFilter filter;
  std::map<std::string, LogCursor> cursors;  // by service
  std::map<int, std::string> slots;          // those of the services that the patterns mean now
  int turn = 0;                              // slots before this one have had theirs
};

class Connection {
 public:
  using Id = std::uint64_t;
  using OnLine =
      std::function<void(Connection& connection, LineSplitter::Kind kind, const std::string& line)>;
  using OnEnd = std::function<void(Id id)>;

  static constexpr std::size_t kMaxUnsent = 4u << 20;
  static constexpr std::size_t kMaxInFlight = 64;

  Connection(Loop& loop, Id id, UniqueFd fd, Access access);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<void> Start(OnLine on_line, OnEnd on_end);
  void Send(std::string_view line);
  // Runs when everything has been sent after something had to wait.
  void OnRoom(std::function<void()> on_room) { on_room_ = std::move(on_room); }
  // Little lies ready in the kernel: what comes next is read soon.
  void KeepShort();

  Id id() const { return id_; }
  Access access() const { return access_; }
  std::size_t unsent() const { return out_.size() - sent_; }
  bool ended() const { return ended_; }

  std::size_t in_flight = 0;
  bool follows_events = false;
  LogFollow follow;

 private:
  void OnReady(unsigned ready);
  void Read();
  void Flush();
  void End();

  Loop& loop_;
  Id id_;
  UniqueFd fd_;
  Access access_;
  LineSplitter splitter_;
  std::string out_;
  std::size_t sent_ = 0;
  bool ended_ = false;
  OnLine on_line_;
  OnEnd on_end_;
  std::function<void()> on_room_;
};

}  // namespace foster
