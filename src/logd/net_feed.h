// SPDX-License-Identifier: MIT
// NetFeed: what a network sink takes lines from and where it keeps how far it is: positions, bytes left out,
// health. Not: sending. Called by: the syslog, OTLP and Loki sinks, on their threads. Invariants: a position
// moves only behind what the target has (or what was given up, which counts as skipped); what was skipped is
// told once the target takes something.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "logd/line_source.h"
#include "logd/sink.h"

namespace foster {

// Lines whose texts are as they may be seen: secrets and, where it is wanted, escape sequences taken out.
struct FeedBatch : LineBatch {
  std::unique_ptr<LineSource> source;  // holds the bytes that `text` shows
  std::deque<std::string> changed;
};

class NetFeed {
 public:
  // `place` outlives it.
  explicit NetFeed(const SinkPlace& place)
      : place_(place), takes_{place.spec.takes_out, place.spec.takes_err} {}

  // Bytes, whole lines of the service (both streams) that came since the last Read. Cheap.
  std::uint64_t PendingBytes() const;
  std::uint64_t NewLines() const;
  // Lines behind the position, and counts what was gone as skipped. No memory is kept between two calls.
  void Read(std::size_t room, bool flush, FeedBatch* batch);
  // As if only the first `count` lines had been there.
  void Shorten(std::size_t count, FeedBatch* batch) const;
  LogPositions position() const { return {state().position[0].load(), state().position[1].load()}; }

  void MoveTo(const LogPositions& next);
  void GiveUpTo(const LogPositions& next);  // left out
  std::uint64_t Untold() const;             // bytes left out that the target does not know of
  void TellAll();                           // now it does

  void Sent(std::uint64_t bytes, std::uint64_t lines);
  // The target did not take it: the first time it is only behind, then kFull, or kBroken if `is_broken`.
  void Failed(int error, bool is_broken = false);
  void Stalled();  // the target takes nothing for now
  bool is_failing() const { return failures_in_a_row_ > 0; }

 private:
  LogSinkState& state() const { return place_.state(); }
  void SetHealth(LogSinkHealth health, int error);
  void MakeVisible(FeedBatch* batch);

  const SinkPlace& place_;
  const std::array<bool, kLogStreams> takes_;
  std::uint64_t lines_seen_ = 0;
  std::uint32_t failures_in_a_row_ = 0;
};

// "foster: 123 bytes skipped: the collector could not take them in time"
std::string SkippedText(std::uint64_t bytes);

}  // namespace foster
