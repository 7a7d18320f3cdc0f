// SPDX-License-Identifier: MIT
// SyslogSink: the lines of a service, one message each, to a syslog daemon. Not: what a message looks like
// (syslog_message.h). Called by: SinkThread. Invariants: the position moves behind each message that the
// socket took, so a kill may send one message twice; while the daemon is away the ring keeps the lines, what
// falls off it is told of by one message; never blocks its service.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "logd/net_feed.h"
#include "logd/sink.h"
#include "logd/syslog_message.h"
#include "logd/syslog_socket.h"

namespace foster {

inline constexpr std::size_t kUdpMessageBytes = 2048;
inline constexpr std::size_t kUnixMessageBytes = 128 * 1024;
inline constexpr std::size_t kLeastMessageBytes = 512;

class SyslogSink : public Sink {
 public:
  explicit SyslogSink(SinkPlace place);

  std::string Group() const override { return "net:syslog:" + place_.spec.target; }
  MonoTime Work(const Turn& turn) override;
  bool CanBlock() const override { return false; }
  void Reopen() override { is_reopen_wanted_.store(true); }

 private:
  enum class Done { kAll, kFull, kFailed };
  MonoTime Fail(int error, const Turn& turn);
  Done SendLines(const FeedBatch& batch);
  Done SendOne(const std::string& message);
  Done SendLine(const SourceLine& line);
  Done TellSkipped();

  const SinkPlace place_;
  const SyslogOrigin origin_;
  NetFeed feed_;
  std::optional<SyslogSocket> socket_;  // none: the target is no address
  std::atomic<bool> is_reopen_wanted_{false};
  std::size_t most_ = kUnixMessageBytes;
  std::optional<LogPositions> before_last_;  // where the message began that UDP may still say is lost
  Millis delay_{0};
  MonoTime retry_at_{};
  bool flush_ = false;
};

}  // namespace foster
