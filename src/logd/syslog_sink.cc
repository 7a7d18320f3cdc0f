// SPDX-License-Identifier: MIT
#include "logd/syslog_sink.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sys/clock.h"

namespace foster {
namespace {

constexpr std::size_t kRoom = 256 * 1024;
constexpr Millis kFirstDelay{100};
constexpr Millis kLongestDelay{10'000};
constexpr Millis kFullWait{1'000};

SyslogOrigin OriginFor(const SinkPlace& place) {
  char host[256] = "";
  (void)gethostname(host, sizeof host - 1);  // "" is written as "-"
  return {host, place.service, place.spec.facility};
}

}  // namespace

SyslogSink::SyslogSink(SinkPlace place)
    : place_(std::move(place)), origin_(OriginFor(place_)), feed_(place_) {
  auto target = ParseSyslogTarget(place_.spec.target);
  if (target.ok()) socket_.emplace(std::move(*target));
  if (socket_ && socket_->is_udp()) most_ = kUdpMessageBytes;
}

MonoTime SyslogSink::Work(const Turn& turn) {
  flush_ |= turn.flush || turn.is_ending;
  if (!socket_) {
    if (!feed_.is_failing()) feed_.Failed(EINVAL, true);
    return kNoDeadline;
  }
  if (is_reopen_wanted_.exchange(false)) {
    socket_->Close();
    retry_at_ = MonoTime{};
  }
  if (turn.now < retry_at_) return retry_at_;
  if (feed_.PendingBytes() == 0) {
    flush_ = false;
    return kNoDeadline;
  }
  if (!socket_->is_open()) {
    before_last_.reset();
    if (!socket_->Open().ok()) return Fail(socket_->error(), turn);
  }
  FeedBatch batch;
  feed_.Read(kRoom, flush_, &batch);
  switch (SendLines(batch)) {
    case Done::kFailed:
      return Fail(socket_->error(), turn);
    case Done::kFull:
      feed_.Stalled();
      if (!turn.is_ending) socket_->Wait(kFullWait);
      return turn.now;
    case Done::kAll:
      break;
  }
  if (batch.has_more) return turn.now;
  flush_ = false;
  return kNoDeadline;
}

MonoTime SyslogSink::Fail(int error, const Turn& turn) {
  feed_.Failed(error);
  delay_ = std::clamp(delay_ * 2, kFirstDelay, kLongestDelay);
  retry_at_ = turn.now + delay_;
  return retry_at_;
}

SyslogSink::Done SyslogSink::SendLines(const FeedBatch& batch) {
  if (batch.lines.empty()) return Done::kAll;
  if (const Done told = TellSkipped(); told != Done::kAll) return told;
  for (const SourceLine& line : batch.lines) {
    const Done done = SendLine(line);
    if (done != Done::kAll) return done;
    before_last_ = feed_.position();
    LogPositions next = *before_last_;
    next[line.stream] = line.end;
    feed_.MoveTo(next);
    feed_.Sent(line.text.size(), 1);
    delay_ = Millis(0);
  }
  return Done::kAll;
}

SyslogSink::Done SyslogSink::SendLine(const SourceLine& line) {
  for (;;) {
    const std::string message = SyslogMessage(origin_, line, most_);
    const Done done = SendOne(message);
    if (done != Done::kFailed || socket_->error() != EMSGSIZE || most_ == kLeastMessageBytes) return done;
    most_ = std::max(kLeastMessageBytes, std::min(most_, message.size()) / 2);
  }
}

SyslogSink::Done SyslogSink::TellSkipped() {
  const std::uint64_t bytes = feed_.Untold();
  if (bytes == 0) return Done::kAll;
  const Done done = SendOne(SyslogSkipMessage(origin_, bytes, WallNow()));
  if (done == Done::kAll) feed_.TellAll();
  return done;
}

SyslogSink::Done SyslogSink::SendOne(const std::string& message) {
  switch (socket_->Send(message)) {
    case SyslogSocket::Sent::kYes:
      return Done::kAll;
    case SyslogSocket::Sent::kFull:
      return Done::kFull;
    case SyslogSocket::Sent::kLostLast:
      if (before_last_) feed_.MoveTo(*before_last_);
      before_last_.reset();
      return Done::kFailed;
    case SyslogSocket::Sent::kTooLong:
    case SyslogSocket::Sent::kFailed:
      break;
  }
  return Done::kFailed;
}

std::unique_ptr<Sink> MakeSyslogSink(SinkPlace place) {
  return std::make_unique<SyslogSink>(std::move(place));
}

}  // namespace foster
