// SPDX-License-Identifier: MIT
// PushSink: the lines of a service in batches to a collector over HTTP. Not: what a body looks like
// (otlp_body, loki_body), nor connections (http_push.h). Called by: SinkThread. Invariants: a position moves
// only after a 2xx answer, so a kill may have the last batch sent twice and never loses one; a batch has at
// most kPushLines lines and about kPushBytes of text and leaves a second after its first line at the latest;
// between two tries nothing is kept but the ring; never blocks its service.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "logd/http_push.h"
#include "logd/net_feed.h"
#include "logd/sink.h"

namespace foster {

inline constexpr std::size_t kPushLines = 1000;
inline constexpr std::size_t kPushBytes = 512 * 1024;
inline constexpr Millis kPushPatience{1000};

// What is common to all lines of a batch.
struct PushOrigin {
  std::string service;   // without its workload
  std::string workload;  // empty: none
  std::string host;
  std::string boot;  // 32 hexadecimal digits
  std::vector<std::string> labels;
};

struct PushBatch {
  const PushOrigin& origin;
  const std::vector<SourceLine>& lines;  // as they may be seen
  std::uint64_t skipped = 0;             // bytes, before these lines; 0: none is to be told of
  std::int64_t now_wall = 0;             // of the line that tells it
};

class PushFormat {
 public:
  virtual ~PushFormat() = default;
  virtual std::string Body(const PushBatch& batch) const = 0;
  // Lines that a 2xx answer says were not taken all the same.
  virtual std::uint64_t Rejected(std::string_view answer) const = 0;
  // True: what was refused so can be said in another way, and is from now on.
  virtual bool Adapt(unsigned status, std::string_view answer) = 0;
};

class PushSink : public Sink {
 public:
  PushSink(SinkPlace place, std::unique_ptr<PushFormat> format);

  std::string Group() const override;
  MonoTime Work(const Turn& turn) override;
  bool CanBlock() const override { return false; }
  void Reopen() override { is_reopen_wanted_.store(true); }

 private:
  std::optional<MonoTime> MustWait(const Turn& turn);
  MonoTime SendBatch(const Turn& turn);
  MonoTime OnOutcome(const PushOutcome& outcome, const FeedBatch& batch, const Turn& turn);
  void OnTaken(const PushOutcome& outcome, const FeedBatch& batch);
  void OnTooLarge(const PushOutcome& outcome, const FeedBatch& batch);
  void OnRefused(const PushOutcome& outcome, const FeedBatch& batch);

  const SinkPlace place_;
  const std::unique_ptr<PushFormat> format_;
  PushOrigin origin_;
  NetFeed feed_;
  std::optional<HttpPush> push_;  // none: the target is no address
  std::string group_;
  std::atomic<bool> is_reopen_wanted_{false};
  bool is_ending_ = false;
  bool is_urgent_ = false;  // the next batch has nothing to wait for
  bool flush_ = false;      // lines without an end are to go, too
  MonoTime first_seen_{};   // when the first line of the next batch was; MonoTime{} = none was
  std::size_t room_ = kPushBytes;
  std::size_t most_lines_ = kPushLines;
};

// Service and workload out of a full name, the host's name, the boot.
PushOrigin OriginOf(const SinkPlace& place);

}  // namespace foster
