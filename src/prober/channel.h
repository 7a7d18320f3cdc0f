// SPDX-License-Identifier: MIT
// ProberChannel: packets from and to supervise. Not: what they mean. Called by: prober.cc. Invariants: an
// answer that does not fit now waits its turn, and while kMaxWaiting answers wait nothing more is read; every
// answer fits a packet (figures lose ports rather than not arrive).
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "base/unique_fd.h"
#include "sys/loop.h"
#include "wire/probe_codec.h"

namespace foster {

class ProberChannel {
 public:
  static constexpr std::size_t kMaxWaiting = 1024;

  ProberChannel(Loop& loop, int fd, std::function<void(ProberRequest)> on_request,
                std::function<void()> on_end);
  ~ProberChannel();
  ProberChannel(const ProberChannel&) = delete;
  ProberChannel& operator=(const ProberChannel&) = delete;

  Result<void> Open();
  void Send(ProberAnswer answer);

 private:
  void OnReady(unsigned ready);
  void OnPacket(std::string_view packet);
  void Flush();
  void Update();
  void End();

  Loop& loop_;
  UniqueFd fd_;
  std::function<void(ProberRequest)> on_request_;
  std::function<void()> on_end_;
  std::string buffer_;
  std::deque<std::string> waiting_;
};

// One line of at most kMaxAnswerText bytes: what a server said may hold anything.
inline constexpr std::size_t kMaxAnswerText = 300;
std::string OneLine(std::string text);
// As JSON; ports are left out until it fits a packet.
std::string PacketOf(ProberAnswer answer);

}  // namespace foster
