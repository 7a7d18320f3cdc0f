// SPDX-License-Identifier: MIT
#include "tui/link.h"

#include <poll.h>

#include <algorithm>

#include "sys/client_socket.h"

namespace foster::tui {
namespace {

// Bytes taken in one turn, so that a flood of log lines never keeps keys waiting.
constexpr std::size_t kReadSize = 256u << 10;

// 100 ms at first: supervise is back within a second; never more than 1 s.
Millis RetryDelay(int failures) { return Millis(std::min(1000, 100 << std::min(failures, 4))); }

}  // namespace

MonoTime Link::Advance(MonoTime now) {
  // The App gives a connection up by closing its session.
  if (fd_ && !app_->session(channel_).open()) {
    fd_.Reset();
    retry_at_ = now + RetryDelay(failures_++);
  }
  if (!fd_ && now >= retry_at_) Connect(now);
  if (fd_) Write(now);
  return fd_ ? kNoDeadline : retry_at_;
}

void Link::Connect(MonoTime now) {
  Result<UniqueFd> fd = ConnectLocal(path_);
  if (!fd.ok()) return Drop(fd.error().message(), now);
  fd_ = std::move(*fd);
  app_->Opened(channel_);
}

short Link::poll_events() const {
  bool writes = !const_cast<App*>(app_)->session(channel_).unsent().empty();
  return static_cast<short>(POLLIN | (writes ? POLLOUT : 0));
}

void Link::Ready(short events, MonoTime now) {
  if (fd_ && (events & POLLOUT) != 0) Write(now);
  if (fd_ && (events & (POLLIN | POLLHUP | POLLERR)) != 0) Read(now);
}

void Link::Read(MonoTime now) {
  static char buffer[kReadSize];
  Result<std::size_t> n = ReceiveSome(fd_.get(), buffer, sizeof buffer);
  if (!n.ok() && n.error().code() == EAGAIN) return;
  if (!n.ok()) return Drop(n.error().message(), now);
  if (*n == 0) return Drop("foster closed the connection", now);
  failures_ = 0;
  app_->Received(channel_, std::string_view(buffer, *n), now);
}

void Link::Write(MonoTime now) {
  Session& session = app_->session(channel_);
  while (!session.unsent().empty()) {
    Result<std::size_t> n = SendSome(fd_.get(), session.unsent());
    if (!n.ok() && n.error().code() == EAGAIN) return;
    if (!n.ok()) return Drop(n.error().message(), now);
    session.Sent(*n);
  }
}

void Link::Drop(const std::string& why, MonoTime now) {
  fd_.Reset();
  app_->Lost(channel_, why);
  retry_at_ = now + RetryDelay(failures_++);
}

}  // namespace foster::tui
