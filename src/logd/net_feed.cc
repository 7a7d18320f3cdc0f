// SPDX-License-Identifier: MIT
#include "logd/net_feed.h"

#include <algorithm>

#include "logd/strip_ansi.h"

namespace foster {

std::uint64_t NetFeed::PendingBytes() const {
  const LogSlot& slot = place_.table->header().slots[place_.slot];
  std::uint64_t pending = 0;
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    const std::uint64_t end = slot.streams[s].indexed.load(std::memory_order_acquire);
    const std::uint64_t at = state().position[s].load();
    if (takes_[s] && end > at) pending += end - at;
  }
  return pending;
}

std::uint64_t NetFeed::NewLines() const {
  const LogSlot& slot = place_.table->header().slots[place_.slot];
  const std::uint64_t lines = slot.lines.load(std::memory_order_acquire);
  return lines > lines_seen_ ? lines - lines_seen_ : 0;
}

void NetFeed::Read(std::size_t room, bool flush, FeedBatch* batch) {
  const LogSlot& slot = place_.table->header().slots[place_.slot];
  lines_seen_ = slot.lines.load(std::memory_order_acquire);
  batch->source = std::make_unique<LineSource>(*place_.table, place_.slot, takes_);
  batch->source->Next(position(), room, flush, batch);
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    if (batch->skipped[s] == 0) continue;
    // In this order a kill in between tells of them twice, never not at all.
    state().skipped[s].fetch_add(batch->skipped[s]);
    state().position[s].fetch_add(batch->skipped[s]);
  }
  MakeVisible(batch);
}

void NetFeed::MakeVisible(FeedBatch* batch) {
  if (!place_.spec.strip_ansi && place_.redactor.empty()) return;
  std::string out;
  for (SourceLine& line : batch->lines) {
    if (place_.spec.strip_ansi && StripAnsi(line.text, &out)) line.text = batch->changed.emplace_back(out);
    if (place_.redactor.Redact(line.text, &out)) line.text = batch->changed.emplace_back(out);
  }
}

void NetFeed::Shorten(std::size_t count, FeedBatch* batch) const {
  if (batch->lines.size() <= count) return;
  batch->lines.resize(count);
  batch->next = position();
  for (const SourceLine& line : batch->lines) batch->next[line.stream] = line.end;
  batch->has_more = true;
}

void NetFeed::MoveTo(const LogPositions& next) {
  for (std::uint32_t s = 0; s < kLogStreams; ++s) state().position[s].store(next[s]);
}

void NetFeed::GiveUpTo(const LogPositions& next) {
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    const std::uint64_t at = state().position[s].load();
    if (next[s] <= at) continue;
    state().skipped[s].fetch_add(next[s] - at);
    state().position[s].store(next[s]);
  }
}

std::uint64_t NetFeed::Untold() const {
  std::uint64_t bytes = 0;
  for (std::uint32_t s = 0; s < kLogStreams; ++s)
    bytes += state().skipped[s].load() - std::min(state().skipped[s].load(), state().skipped_told[s].load());
  return bytes;
}

void NetFeed::TellAll() {
  for (std::uint32_t s = 0; s < kLogStreams; ++s) state().skipped_told[s].store(state().skipped[s].load());
}

void NetFeed::Sent(std::uint64_t bytes, std::uint64_t lines) {
  failures_in_a_row_ = 0;
  state().written.fetch_add(bytes);
  state().lines.fetch_add(lines);
  SetHealth(LogSinkHealth::kGood, 0);
}

void NetFeed::Failed(int error, bool is_broken) {
  state().failures.fetch_add(1);
  const bool is_first = failures_in_a_row_++ == 0;
  if (is_broken) return SetHealth(LogSinkHealth::kBroken, error);
  const bool is_bad_already = state().health.load() >= static_cast<std::uint32_t>(LogSinkHealth::kFull);
  SetHealth(is_first && !is_bad_already ? LogSinkHealth::kBehind : LogSinkHealth::kFull, error);
}

void NetFeed::Stalled() {
  const auto health = static_cast<LogSinkHealth>(state().health.load());
  if (health == LogSinkHealth::kGood || health == LogSinkHealth::kIdle) SetHealth(LogSinkHealth::kBehind, 0);
}

void NetFeed::SetHealth(LogSinkHealth health, int error) {
  state().last_error.store(error);
  state().health.store(static_cast<std::uint32_t>(health));
}

std::string SkippedText(std::uint64_t bytes) {
  return "foster: " + std::to_string(bytes) + " bytes skipped: they could not be sent in time";
}

}  // namespace foster
