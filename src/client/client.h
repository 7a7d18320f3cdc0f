// SPDX-License-Identifier: MIT
// Client: the other end of the control socket: one connection, blocking calls, notifications in between.
// Not: retrying or caching; a caller that wants to go on after supervise came back connects again.
// Called by: cli, tui, gateway. Invariant: replies are matched by id; notifications that come meanwhile are
// kept in order (at most 100,000, then the oldest are dropped and `lagged()` is true).
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/time.h"
#include "wire/json.h"
#include "wire/rpc.h"

namespace foster {

struct Notification {
  std::string method;  // "event", "log"
  Json params;
};

// A status of thousands of services is longer than a request may be.
inline constexpr std::size_t kMaxReplyLine = 16 * kMaxLine;
inline constexpr std::size_t kMaxNotifications = 100'000;

class Client {
 public:
  // `path` empty: DefaultSocketPath(). Retries for `patience` while the socket is missing or refuses
  // (supervise comes back within a second). Error text says what was tried and what to do.
  static Result<Client> Connect(const std::string& path = "", Millis patience = Millis(2000));
  Client(Client&&) noexcept = default;
  Client& operator=(Client&&) noexcept = default;

  // Error::code() is the RpcError (positive or negative) of an error reply, -1 when the connection broke, -2
  // when `timeout` passed. last_failure() then holds its data.
  Result<Json> Call(std::string_view method, const Json& params = Json(), Millis timeout = kForever);
  const RpcFailure& last_failure() const { return failure_; }

  // The next notification, nullopt after `timeout`. Error when the connection broke.
  Result<std::optional<Notification>> Next(Millis timeout = kForever);
  bool lagged() const { return lagged_; }
  int fd() const { return fd_.get(); }  // for poll(2); then Next(Millis(0)) until nullopt

 private:
  explicit Client(UniqueFd fd) : fd_(std::move(fd)), splitter_(kMaxReplyLine) {}
  Result<void> ReadSome(MonoTime deadline);
  Result<void> Receive();
  Result<void> Send(std::string_view line, MonoTime deadline);
  void Sort(const std::string& line);

  UniqueFd fd_;
  LineSplitter splitter_;
  std::deque<Notification> notifications_;
  std::optional<Json> reply_;
  std::int64_t next_id_ = 1;
  RpcFailure failure_;
  bool lagged_ = false;
};

}  // namespace foster
