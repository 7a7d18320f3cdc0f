// SPDX-License-Identifier: MIT
#include "logd/feeder.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "logfile/line_format.h"

namespace foster {
namespace {

constexpr std::size_t kBatch = 128 * 1024;
constexpr Millis kRestAfter{1000};
constexpr std::string_view kOwnName = "foster";

}  // namespace

Feeder::Feeder(LogTable& table, Console& console, SinkHost& host, Options options)
    : table_(table), console_(console), host_(host), options_(options), width_(kOwnName.size()) {}

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

bool Feeder::IsShown(std::uint32_t slot) const {
  const LogSlotConfig* config = host_.ConfigOf(slot);
  return options_.print && config != nullptr && config->spec.console;
}

// While stdout stands still no service waits for it.
bool Feeder::CanHold(std::uint32_t slot) const {
  return !is_stalled_ && IsShown(slot) && host_.ConfigOf(slot)->spec.overflow == LogOverflow::kBlock;
}

bool Feeder::IsDone(const Stream& s) const {
  const LogStream& entry = Entry(table_, s);
  const bool is_rendered =
      entry.indexed.load(std::memory_order_relaxed) == entry.rendered.load(std::memory_order_relaxed);
  return (is_rendered && !HasMail()) || host_.ConfigOf(s.slot) == nullptr;
}

bool Feeder::Work(bool is_stalled) {
  is_stalled_ = is_stalled;
  is_blocked_ = is_out_of_memory_ = false;
  PrintMail();
  bool has_more = false;
  for (std::size_t count = dirty_.size(); count > 0; --count) {
    Stream& s = *dirty_.front();
    dirty_.pop_front();
    s.is_dirty = false;
    const Outcome outcome = Step(s);
    if (outcome == Outcome::kDone) continue;
    Touch(s);
    has_more = has_more || outcome == Outcome::kMore;
    is_blocked_ = is_blocked_ || outcome == Outcome::kBlocked;
    is_out_of_memory_ = is_out_of_memory_ || outcome == Outcome::kNoMemory;
  }
  return has_more;
}

// What sinks say on stdout. While it takes no more the mailbox fills, and they count what they cannot say.
void Feeder::PrintMail() {
  Mailbox::Letter letter;
  for (;;) {
    if (mail_at_ == mail_.size()) {
      mail_at_ = 0;
      host_.mail().TakeAll(&mail_);
      if (mail_.empty()) return;
    }
    is_blocked_ = options_.print && console_.Backlog() > kConsoleBacklog;
    if (is_blocked_) return;
    std::size_t next = mail_at_;
    is_out_of_memory_ = Mailbox::Next(mail_, &next, &letter) && !PrintLetter(letter);
    if (is_out_of_memory_) return;
    mail_at_ = next;
  }
}

// That is worth waiting for.
bool Feeder::HasMail() const { return !is_stalled_ && (mail_at_ < mail_.size() || !host_.mail().IsEmpty()); }

bool Feeder::PrintLetter(const Mailbox::Letter& letter) {
  if (!options_.print || letter.slot >= kLogSlots) return true;
  const LogSlot& slot = table_.header().slots[letter.slot];
  std::string line;
  if (options_.json) {
    FormatLineInput input;
    input.service = NameOf(letter.slot);
    input.wall = letter.wall;
    input.incarnation = slot.incarnation.load(std::memory_order_relaxed);
    input.text = letter.line;
    FormatLine(input, LogFormat::kJson, {}, &line);
  } else {
    line = MakePrefix(NameOf(letter.slot), {.colour = slot.colour.load(std::memory_order_relaxed),
                                            .width = width_,
                                            .is_coloured = options_.colour})
               .whole;
    line.append(letter.line) += '\n';
  }
  return console_.Append(letter.slot, 0, slot.streams[0].rendered.load(std::memory_order_relaxed), line);
}

Feeder::Outcome Feeder::Step(Stream& s) {
  if (host_.ConfigOf(s.slot) == nullptr) return Outcome::kDone;  // touched again when there is one
  LogStream& entry = Entry(table_, s);
  const std::uint64_t end = entry.indexed.load(std::memory_order_relaxed);
  if (!IsShown(s.slot)) {
    PassOver(s);
    return Outcome::kDone;
  }
  CountSkipped(s);
  if (!s.is_dropping && s.render.position != end && console_.Backlog() > kConsoleBacklog)
    return Outcome::kBlocked;
  if (entry.skipped.load() != entry.skipped_told.load() && !TellSkipped(s)) return Outcome::kNoMemory;
  const std::uint64_t before = s.render.position;
  if (before != end && !Render(s, end)) return Outcome::kNoMemory;
  if (s.render.position == end) {
    s.flush = false;
    return Outcome::kDone;
  }
  if (s.render.position != before) return Outcome::kMore;
  LetRest(s);
  return Outcome::kDone;
}

// Of a slot that is not shown.
void Feeder::PassOver(Stream& s) {
  LogStream& entry = Entry(table_, s);
  const std::uint64_t end = entry.indexed.load(std::memory_order_relaxed);
  entry.rendered.store(end, std::memory_order_release);
  s.render.position = end;
  s.render.is_continued = false;
  s.flush = false;
  if (host_.HasSinks(s.slot) && EndsInsideLine(s, end)) LetRest(s);
}

// False: no memory for the lines; nothing has changed.
bool Feeder::Render(Stream& s, std::uint64_t end) {
  const RenderState before = s.render;
  out_.clear();
  if (!(options_.json ? RenderJson(s, end) : RenderText(s, end))) return true;
  if (console_.Append(s.slot, s.stream, s.render.position, out_)) return true;
  s.render = before;
  return false;
}

// False: not a line yet.
bool Feeder::RenderText(Stream& s, std::uint64_t end) {
  const LogSlot& slot = table_.header().slots[s.slot];
  const std::string_view bytes = ReadWindow(s, s.render.position, end);
  const bool reaches_end = s.render.position + bytes.size() == end;
  const Prefix prefix = MakePrefix(NameOf(s.slot), {.stream = s.stream,
                                                    .colour = slot.colour.load(std::memory_order_relaxed),
                                                    .width = width_,
                                                    .is_coloured = options_.colour});
  return RenderLines(bytes, s.flush && reaches_end ? Rest::kFlush : Rest::kKeep, prefix,
                     host_.RedactorOf(s.slot), kBatch, &s.render, &out_) > 0;
}

bool Feeder::RenderJson(Stream& s, std::uint64_t) {
  LineSource source(table_, s.slot, {s.stream == 0, s.stream == 1});
  LogPositions from{};
  from[s.stream] = s.render.position;
  LineBatch batch;
  source.Next(from, kBatch / 2, s.flush, &batch);
  const Redactor& redactor = host_.RedactorOf(s.slot);
  std::string redacted;
  FormatLineInput input;
  input.service = NameOf(s.slot);
  input.stream = s.stream;
  for (const SourceLine& line : batch.lines) {
    // The newline that ends a piece was shown with it.
    if (line.is_continued && !line.is_cut && line.text.empty()) continue;
    input.is_continued = line.is_continued;
    input.is_cut = line.is_cut;
    input.seq = line.seq;
    input.wall = line.wall;
    input.mono = line.mono;
    input.incarnation = line.incarnation;
    input.end = line.end;
    input.text = !redactor.empty() && redactor.Redact(line.text, &redacted) ? redacted : line.text;
    FormatLine(input, LogFormat::kJson, {}, &out_);
  }
  if (batch.next[s.stream] == s.render.position) return false;
  s.render.position = batch.next[s.stream];
  if (!batch.lines.empty()) s.render.is_continued = batch.lines.back().is_cut;
  return true;
}

std::string_view Feeder::ReadWindow(const Stream& s, std::uint64_t from, std::uint64_t to) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(to - from, kBatch));
  const std::int64_t offset = ArenaBase(s.slot, s.stream) + static_cast<std::int64_t>(from);
  in_.resize(kBatch);  // once something is shown at all
  const ssize_t got = pread(table_.arena_fd(), in_.data(), count, offset);
  return {in_.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

bool Feeder::EndsInsideLine(const Stream& s, std::uint64_t position) const {
  char before = '\n';
  if (position > 0)
    (void)!pread(table_.arena_fd(), &before, 1,
                 ArenaBase(s.slot, s.stream) + static_cast<std::int64_t>(position) - 1);
  return before != '\n';
}

std::string Feeder::OwnLine(const std::string& text) const {
  if (!options_.json) {
    std::string line = MakePrefix(kOwnName, {.width = width_, .is_coloured = options_.colour}).whole;
    return line.append(text) += '\n';
  }
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  FormatLineInput input;
  input.service = kOwnName;
  input.stream = 1;
  input.wall = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  input.text = text;
  std::string line;
  FormatLine(input, LogFormat::kJson, {}, &line);
  return line;
}

bool Feeder::TellSkipped(Stream& s) {
  LogStream& entry = Entry(table_, s);
  const std::uint64_t skipped = entry.skipped.load();
  const std::string count = std::to_string(skipped - entry.skipped_told.load());
  const bool may_wait = host_.ConfigOf(s.slot)->spec.overflow == LogOverflow::kBlock;
  const std::string line = OwnLine(std::string(NameOf(s.slot)) + ": " + count + " bytes skipped: " +
                                   (may_wait ? "stdout stood still" : "stdout is too slow"));
  if (!console_.Append(s.slot, s.stream, s.render.position, line)) return false;
  entry.skipped_told.store(skipped);
  return true;
}

// What the ring has dropped meanwhile; and a service that goes does not wait for a stdout that stands still.
void Feeder::CountSkipped(Stream& s) {
  LogStream& entry = Entry(table_, s);
  const std::uint64_t tail = entry.tail.load(std::memory_order_relaxed);
  const bool is_given_up = s.is_dropping && is_stalled_;
  const std::uint64_t goal = is_given_up ? entry.indexed.load(std::memory_order_relaxed) : tail;
  if (goal <= s.render.position) return;
  entry.skipped.fetch_add(goal - s.render.position);
  s.render.position = goal;
  s.render.is_continued = EndsInsideLine(s, goal);
  entry.rendered.store(goal, std::memory_order_release);
}

// Only the beginning of a line is there.
void Feeder::LetRest(Stream& s) {
  if (s.is_resting) return;
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
    const bool has_rest = !IsDone(*s) || host_.HasSinks(s->slot);
    if (has_rest && (s->is_paused || is_young || !IsPipeEmpty(*s))) {
      rest_deadline_ = std::min(rest_deadline_, (is_young ? s->last_bytes : now) + kRestAfter);
      return false;
    }
    s->is_resting = false;
    host_.Flush(s->slot);
    if (!IsDone(*s)) {
      s->flush = true;
      Touch(*s);
    }
    return true;
  });
}

}  // namespace foster
