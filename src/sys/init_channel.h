// SPDX-License-Identifier: MIT
// InitChannel: supervise's end of the socket to init: messages of init_protocol.h, in order, both ways.
// Not: their meaning. Called by: src/supervise.
// Invariants: Send() never waits: what does not fit is queued (at most kMaxQueued, then the process aborts:
// init has been deaf for tens of thousands of messages). Fds and spawn plans are made by `prepare` when the
// message's turn has come, so that a long queue holds no fds.
#pragma once

#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "foster/init_protocol.h"
#include "sys/loop.h"

namespace foster {

// An empty message of `type`.
Message MessageOf(MessageType type);
void SetName(char (&field)[kMaxNameLength], std::string_view name);
ChildKey KeyOf(std::string_view name, std::uint32_t role, std::uint64_t incarnation);
std::string_view NameIn(const char (&field)[kMaxNameLength]);

class InitChannel {
 public:
  using Fds = std::vector<UniqueFd>;
  // Fills in the fds right before sending. False: the message is dropped.
  using Prepare = std::function<bool(Fds* fds)>;
  using OnMessage = std::function<void(const Message& message, Fds fds)>;

  static constexpr std::size_t kMaxQueued = 65536;

  InitChannel(Loop& loop, UniqueFd socket);
  ~InitChannel();
  InitChannel(const InitChannel&) = delete;
  InitChannel& operator=(const InitChannel&) = delete;

  // `on_end`: init closed its end (it never does while it wants us). Starts reading.
  Result<void> Start(OnMessage on_message, std::function<void()> on_end);
  void Send(const Message& message, Prepare prepare = nullptr);
  // Another try after the kernel refused for want of memory or fds; the owner arms it (see stuck()).
  void Flush();
  // True: sending was refused for another reason than a full socket; Flush() is to be called a little later.
  bool stuck() const { return stuck_; }
  std::size_t queued() const { return queue_.size(); }

 private:
  struct Outgoing {
    Message message;
    Prepare prepare;
    bool prepared = false;
    Fds fds;
  };
  void OnReady(unsigned ready);
  void Receive();
  bool SendNow(Outgoing* outgoing);

  Loop& loop_;
  UniqueFd socket_;
  std::deque<Outgoing> queue_;
  OnMessage on_message_;
  std::function<void()> on_end_;
  bool flushing_ = false;
  bool stuck_ = false;
};

}  // namespace foster
