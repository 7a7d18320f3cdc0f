// SPDX-License-Identifier: MIT
#include "logd/push_sink.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "logfile/native_format.h"
#include "sys/clock.h"

namespace foster {

PushOrigin OriginOf(const SinkPlace& place) {
  PushOrigin origin;
  const std::size_t slash = place.service.find('/');
  origin.service = slash == std::string::npos ? place.service : place.service.substr(slash + 1);
  if (slash != std::string::npos) origin.workload = place.service.substr(0, slash);
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) == 0) origin.host = host;
  origin.boot = BootText(place.table->header().boot);
  origin.labels = place.spec.labels;
  return origin;
}

PushSink::PushSink(SinkPlace place, std::unique_ptr<PushFormat> format)
    : place_(std::move(place)), format_(std::move(format)), origin_(OriginOf(place_)), feed_(place_) {
  auto url = ParseHttpUrl(place_.spec.target);
  group_ = url.ok() ? "net:" + OriginOf(*url) : "net:none";
  if (url.ok()) push_.emplace(std::move(*url), place_.spec.headers);
}

std::string PushSink::Group() const { return group_; }

MonoTime PushSink::Work(const Turn& turn) {
  flush_ |= turn.flush || turn.is_ending;
  if (!push_) {
    if (!feed_.is_failing()) feed_.Failed(EINVAL, true);
    return kNoDeadline;
  }
  if (feed_.PendingBytes() == 0) {
    first_seen_ = MonoTime{};
    flush_ = false;
    return kNoDeadline;
  }
  if (const auto due = MustWait(turn)) return *due;
  return SendBatch(turn);
}

// Until when, if nothing is to be done yet: the server has its pause, or the batch waits for company. When
// logd goes, one more try is made in any case.
std::optional<MonoTime> PushSink::MustWait(const Turn& turn) {
  const bool is_last = turn.is_ending && !std::exchange(is_ending_, turn.is_ending);
  const bool is_asked = is_reopen_wanted_.exchange(false) || is_last;
  const MonoTime not_before = push_->NotBefore();
  if (!is_asked && turn.now < not_before) return not_before;
  if (first_seen_ == MonoTime{}) first_seen_ = turn.now;
  const MonoTime due = first_seen_ + kPushPatience;
  const bool is_full = feed_.PendingBytes() >= kPushBytes || feed_.NewLines() >= most_lines_;
  if (is_asked || is_urgent_ || flush_ || is_full || turn.now >= due) return std::nullopt;
  return due;
}

MonoTime PushSink::SendBatch(const Turn& turn) {
  FeedBatch batch;
  feed_.Read(room_, flush_, &batch);
  feed_.Shorten(most_lines_, &batch);
  is_urgent_ = false;
  if (batch.lines.empty()) {
    first_seen_ = MonoTime{};
    flush_ = false;
    return kNoDeadline;
  }
  const std::string body = format_->Body({origin_, batch.lines, feed_.Untold(), WallNow()});
  return OnOutcome(push_->Post(body, turn.is_ending), batch, turn);
}

MonoTime PushSink::OnOutcome(const PushOutcome& outcome, const FeedBatch& batch, const Turn& turn) {
  switch (outcome.verdict) {
    case PushVerdict::kTaken:
      OnTaken(outcome, batch);
      is_urgent_ = batch.has_more;
      break;
    case PushVerdict::kTooLarge:
      OnTooLarge(outcome, batch);
      is_urgent_ = true;
      break;
    case PushVerdict::kRefused:
      is_urgent_ = format_->Adapt(outcome.status, outcome.answer);
      if (!is_urgent_) OnRefused(outcome, batch);
      is_urgent_ |= batch.has_more;
      break;
    case PushVerdict::kLater:
    case PushVerdict::kBroken:
      feed_.Failed(outcome.error, outcome.verdict == PushVerdict::kBroken);
      return outcome.retry_at;
  }
  first_seen_ = MonoTime{};
  if (is_urgent_) return turn.now;
  flush_ = false;
  return kNoDeadline;  // what came meanwhile wakes it
}

// Reading less the next time saves reading twice what did not fit into the batch.
void PushSink::OnTaken(const PushOutcome& outcome, const FeedBatch& batch) {
  std::size_t bytes = 0;
  for (const SourceLine& line : batch.lines) bytes += line.text.size() + 1;
  room_ = batch.lines.size() == most_lines_ ? bytes + bytes / 4 : kPushBytes;
  if (most_lines_ < kPushLines) most_lines_ = std::min(kPushLines, most_lines_ + most_lines_ / 8 + 1);
  const std::uint64_t rejected =
      std::min<std::uint64_t>(format_->Rejected(outcome.answer), batch.lines.size());
  feed_.MoveTo(batch.next);
  feed_.TellAll();
  feed_.Sent(bytes, batch.lines.size() - rejected);
  if (rejected > 0) feed_.Failed(EBADMSG);
}

// Less at once; a single line that is too large is given up.
void PushSink::OnTooLarge(const PushOutcome& outcome, const FeedBatch& batch) {
  if (batch.lines.size() <= 1) return OnRefused(outcome, batch);
  most_lines_ = batch.lines.size() / 2;
}

void PushSink::OnRefused(const PushOutcome& outcome, const FeedBatch& batch) {
  feed_.GiveUpTo(batch.next);
  feed_.Failed(outcome.error, true);
}

}  // namespace foster
