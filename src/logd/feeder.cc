// SPDX-License-Identifier: MIT
#include "logd/feeder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace foster {
namespace {

constexpr std::size_t kBatchIn = 256 * 1024;
constexpr std::size_t kBatchOut = 512 * 1024;
constexpr std::uint64_t kPunchStep = 64 * 1024;
// A stream's share of the backlog while the console is full, or while all of them together keep too much.
constexpr std::uint64_t kSmallBacklog = 256 * 1024;
constexpr std::uint64_t kTotalBacklog = 64ull << 20;
constexpr Millis kRestAfter{1000};
constexpr std::string_view kOwnName = "foster";
constexpr std::uint64_t kPage = 4096;

}  // namespace

Feeder::Feeder(LogTable& table, Console& console, Options options)
    : table_(table), console_(console), options_(options), width_(kOwnName.size()) {
  in_.resize(kBatchIn);
}

std::string_view Feeder::NameOf(std::uint32_t slot) const {
  const char* name = table_.header().slots[slot].name;
  return {name, strnlen(name, sizeof(LogSlot::name))};
}

void Feeder::SawName(std::uint32_t slot) { width_ = std::max(width_, ShownName(NameOf(slot)).size()); }

void Feeder::Touch(Stream& s) {
  if (s.is_dirty) return;
  s.is_dirty = true;
  dirty_.push_back(&s);
}

void Feeder::Forget(Stream& s) {
  std::erase(dirty_, &s);
  std::erase(resting_, &s);
}

std::uint64_t Feeder::Unrendered(const Stream& s) const {
  const LogStream& entry = Entry(table_, s);
  return entry.indexed.load(std::memory_order_relaxed) - entry.rendered.load(std::memory_order_relaxed);
}

bool Feeder::IsDone(const Stream& s) const { return Unrendered(s) == 0; }

// While stdout stands still services do not wait, so bytes are kept up to the large limit and then left out.
// While it is only slow, the streams that write most wait first; a quiet one hardly ever meets the small
// limit.
void Feeder::UpdateLimit(bool is_stalled) {
  std::uint64_t total = 0;
  for (const Stream* s : dirty_) total += Unrendered(*s);
  const bool is_full = options_.print && !is_stalled && console_.Backlog() > kBacklogBytes;
  limit_ = is_full || total > kTotalBacklog ? kSmallBacklog : kBacklogBytes;
}

bool Feeder::Work(bool is_stalled) {
  UpdateLimit(is_stalled);
  is_blocked_ = is_out_of_memory_ = false;
  bool has_more = false;
  for (std::size_t count = dirty_.size(); count > 0; --count) {
    Stream& s = *dirty_.front();
    dirty_.pop_front();
    s.is_dirty = false;
    const Outcome outcome = Step(s, is_stalled);
    if (outcome == Outcome::kDone) continue;
    Touch(s);
    has_more = has_more || outcome == Outcome::kMore;
    is_blocked_ = is_blocked_ || outcome == Outcome::kBlocked;
    is_out_of_memory_ = is_out_of_memory_ || outcome == Outcome::kNoMemory;
  }
  return has_more;
}

Feeder::Outcome Feeder::Step(Stream& s, bool is_stalled) {
  LogStream& entry = Entry(table_, s);
  if (options_.print && is_stalled && (IsBehind(s) || s.is_dropping)) Skip(s);
  const std::uint64_t end = entry.indexed.load(std::memory_order_relaxed);
  if (options_.print && !s.is_dropping && s.render.position != end && console_.Backlog() > kBacklogBytes)
    return Outcome::kBlocked;
  if (options_.print && entry.skipped.load() != entry.skipped_told.load() && !TellSkipped(s))
    return Outcome::kNoMemory;
  const std::uint64_t before = s.render.position;
  if (before != end && !Render(s, end)) return Outcome::kNoMemory;
  Trim(s);
  if (s.render.position == end) {
    s.flush = false;
    return Outcome::kDone;
  }
  if (s.render.position != before) return Outcome::kMore;
  LetRest(s);
  return Outcome::kDone;
}

// False: no memory for the lines; nothing has changed.
bool Feeder::Render(Stream& s, std::uint64_t end) {
  LogSlot& slot = table_.header().slots[s.slot];
  const std::string_view bytes = ReadWindow(s, s.render.position, end);
  const bool reaches_end = s.render.position + bytes.size() == end;
  const Rest rest = s.flush && reaches_end ? Rest::kFlush : Rest::kKeep;
  const std::uint64_t position = s.render.position;
  const bool was_continued = s.render.is_continued;
  out_.clear();
  if (!options_.print) {
    RenderLines(bytes, rest, nullptr, 0, &s.render, &out_);
    slot.streams[s.stream].rendered.store(s.render.position, std::memory_order_release);
    return true;
  }
  const Prefix prefix = MakePrefix(NameOf(s.slot), {.stream = s.stream,
                                                    .colour = slot.colour.load(std::memory_order_relaxed),
                                                    .width = width_,
                                                    .is_coloured = options_.colour});
  RenderLines(bytes, rest, &prefix, kBatchOut, &s.render, &out_);
  if (s.render.position == position) return true;
  if (console_.Append(s.slot, s.stream, s.render.position, out_)) return true;
  s.render.position = position;
  s.render.is_continued = was_continued;
  return false;
}

std::string_view Feeder::ReadWindow(const Stream& s, std::uint64_t from, std::uint64_t to) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(to - from, kBatchIn));
  const std::int64_t offset = ArenaBase(s.slot, s.stream) + static_cast<std::int64_t>(from);
  const ssize_t got = pread(table_.arena_fd(), in_.data(), count, offset);
  return {in_.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

bool Feeder::TellSkipped(Stream& s) {
  LogStream& entry = Entry(table_, s);
  const std::uint64_t skipped = entry.skipped.load();
  std::string line = MakePrefix(kOwnName, {.width = width_, .is_coloured = options_.colour}).whole;
  line.append(NameOf(s.slot)).append(": ").append(std::to_string(skipped - entry.skipped_told.load()));
  line.append(" bytes skipped: stdout stood still\n");
  if (!console_.Append(s.slot, s.stream, s.render.position, line)) return false;
  entry.skipped_told.store(skipped);
  return true;
}

// Leaves out the oldest bytes, up to the beginning of a line where there is one near.
void Feeder::Skip(Stream& s) {
  LogStream& entry = Entry(table_, s);
  const std::uint64_t end = entry.indexed.load(std::memory_order_relaxed);
  std::uint64_t goal = s.is_dropping ? end : end - limit_ / 2;
  if (goal <= s.render.position) return;
  const std::string_view bytes = ReadWindow(s, goal, end);
  const std::size_t newline = bytes.find('\n');
  s.render.is_continued = newline == std::string_view::npos && !s.is_dropping;
  if (newline != std::string_view::npos) goal += newline + 1;
  entry.skipped.fetch_add(goal - s.render.position);
  s.render.position = goal;
  s.render.marks.LineEnded(goal);
  entry.rendered.store(goal, std::memory_order_release);
}

// Only the beginning of a line is there. Nobody waits for it when nothing is printed.
void Feeder::LetRest(Stream& s) {
  if (s.is_resting || !options_.print) return;
  s.is_resting = true;
  resting_.push_back(&s);
  rest_deadline_ = std::min(rest_deadline_, s.last_bytes + kRestAfter);
}

void Feeder::FlushRests(MonoTime now) {
  if (now < rest_deadline_) return;
  rest_deadline_ = kNoDeadline;
  std::erase_if(resting_, [&](Stream* s) {
    // A pipe that is paused, not yet handed over by supervise, or not yet read may hold what goes on with
    // the line.
    const bool is_young = now - s->last_bytes < kRestAfter;
    const bool waits = !IsDone(*s) && (s->is_paused || is_young || !IsPipeEmpty(*s));
    if (waits) {
      rest_deadline_ = std::min(rest_deadline_, (is_young ? s->last_bytes : now) + kRestAfter);
      return false;
    }
    s->is_resting = false;
    if (!IsDone(*s)) {
      s->flush = true;
      Touch(*s);
    }
    return true;
  });
}

void Feeder::Trim(Stream& s) {
  LogStream& entry = Entry(table_, s);
  const std::uint64_t old = entry.tail.load(std::memory_order_relaxed);
  const std::uint64_t newest = entry.indexed.load(std::memory_order_relaxed);
  const std::uint64_t tail = std::min(s.render.marks.Tail(old, newest), s.render.position);
  if (tail > old) MoveTail(s, tail, kPunchStep);
}

// Readers are told first; then whole pages go, when it is worth a call.
void Feeder::MoveTail(Stream& s, std::uint64_t tail, std::uint64_t punch_from) {
  Entry(table_, s).tail.store(tail, std::memory_order_seq_cst);
  const std::uint64_t until = tail & ~(kPage - 1);
  if (until < s.punched + punch_from) return;
  const std::int64_t offset = ArenaBase(s.slot, s.stream) + static_cast<std::int64_t>(s.punched);
  // A refused punch costs memory only.
  (void)fallocate(table_.arena_fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
                  static_cast<std::int64_t>(until - s.punched));
  s.punched = until;
}

void Feeder::MakeRoom(const std::vector<std::unique_ptr<Stream>>& streams) {
  const auto kept = [this](const Stream* s) { return s->render.position - Entry(table_, *s).tail.load(); };
  std::vector<Stream*> largest;
  for (const auto& s : streams)
    if (s && kept(s.get()) >= 2 * kPage) largest.push_back(s.get());
  std::sort(largest.begin(), largest.end(), [&](Stream* a, Stream* b) { return kept(a) > kept(b); });
  if (largest.size() > 8) largest.resize(8);
  for (Stream* s : largest) MoveTail(*s, s->render.position - kept(s) / 4, 1);
}

}  // namespace foster
