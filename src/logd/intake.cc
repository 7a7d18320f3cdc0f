// SPDX-License-Identifier: MIT
#include "logd/intake.h"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

namespace foster {
namespace {

// What all pipes that are ready may bring in a turn together, and what each may at least.
constexpr std::size_t kTurnBytes = 256 * 1024;
constexpr std::size_t kLeastTurnBytes = 32 * 1024;
constexpr int kPipeMost = 4 << 20;        // more than a pipe holds
constexpr std::size_t kShrinkAtOnce = 8;  // rings
constexpr std::uint64_t kWorthShrinking = 8192;
constexpr Millis kMemoryRetry{100};
constexpr Millis kWarnAgain{60000};

std::uint32_t IdOf(std::uint32_t slot, std::uint32_t stream) { return slot * kLogStreams + stream; }

}  // namespace

void Intake::TakeUpAll() {
  const MonoTime now = std::chrono::time_point_cast<Millis>(std::chrono::steady_clock::now());
  const std::uint32_t limit = std::min(table_.header().slot_limit.load(), kLogSlots);
  for (std::uint32_t slot = 0; slot < limit; ++slot) {
    if (table_.header().slots[slot].used.load(std::memory_order_acquire) == 0) continue;
    for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) feeder_.Touch(StreamOf(slot, stream, now));
  }
}

Stream* Intake::Find(std::uint32_t slot, std::uint32_t stream) const {
  return slot < kLogSlots ? streams_[IdOf(slot, stream)].get() : nullptr;
}

Stream& Intake::StreamOf(std::uint32_t slot, std::uint32_t stream, MonoTime now) {
  std::unique_ptr<Stream>& s = streams_[IdOf(slot, stream)];
  if (s) return *s;
  s = std::make_unique<Stream>();
  s->slot = slot;
  s->stream = stream;
  s->last_bytes = now;
  TakeUp(table_, *s);
  feeder_.SawName(slot);
  (void)RingOf(slot);
  return *s;
}

Ring& Intake::RingOf(std::uint32_t slot) {
  if (!rings_[slot]) {
    rings_[slot] = std::make_unique<Ring>(table_, slot);
    known_.push_back(slot);
    Configure(slot);
  }
  return *rings_[slot];
}

void Intake::Configure(std::uint32_t slot) {
  if (slot >= kLogSlots) return;
  host_.Configure(slot);
  const LogSlotConfig* config = host_.ConfigOf(slot);
  if (config == nullptr || !rings_[slot]) return;
  rings_[slot]->Resize(config->spec.ring_bytes);
  oversized_.insert(slot);  // perhaps
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream)
    if (Stream* s = Find(slot, stream)) feeder_.Touch(*s);
}

LogPositions Intake::Floors(std::uint32_t slot) const {
  const LogSlot& entry = table_.header().slots[slot];
  if (host_.ConfigOf(slot) == nullptr) return {entry.streams[0].tail.load(), entry.streams[1].tail.load()};
  LogPositions floors = host_.Floors(slot);
  if (!feeder_.CanHold(slot)) return floors;
  for (std::uint32_t s = 0; s < kLogStreams; ++s)
    floors[s] = std::min(floors[s], entry.streams[s].rendered.load());
  return floors;
}

// True when the ring has its size; what is still needed may keep it larger for a while.
bool Intake::TrimToSize(std::uint32_t slot) {
  rings_[slot]->Trim(Floors(slot));
  return rings_[slot]->Room(0) > 0 && rings_[slot]->Room(1) > 0;
}

std::uint64_t Intake::MakeRoom(const Stream& s) {
  Ring& ring = RingOf(s.slot);
  if (const std::uint64_t room = ring.Room(s.stream); room > 0) return room;
  ring.Trim(Floors(s.slot));
  return ring.Room(s.stream);
}

void Intake::BeginTurn(int ready) {
  turn_bytes_ = std::max(kTurnBytes / static_cast<std::size_t>(std::max(ready, 1)), kLeastTurnBytes);
}

void Intake::OnReadable(std::uint32_t id, MonoTime now) {
  Stream* s = streams_[id].get();
  if (s != nullptr && s->is_watched) Fetch(*s, now);
}

void Intake::NoteBytes(Stream& s, MonoTime now) {
  s.last_bytes = now;
  const LogHeader& header = table_.header();
  has_news_ = has_news_ || header.followers.load(std::memory_order_relaxed) > 0 ||
              header.slots[s.slot].followers.load(std::memory_order_relaxed) > 0;
  feeder_.Touch(s);
  host_.BytesCame(s.slot);
}

void Intake::Fetch(Stream& s, MonoTime now) {
  const std::uint64_t room = MakeRoom(s);
  if (room == 0) return Pause(s);
  switch (FillFromPipe(table_, s, std::min<std::uint64_t>(turn_bytes_, room))) {
    case Fill::kMoved:
      return NoteBytes(s, now);
    case Fill::kEmpty:
      return;
    case Fill::kEnded:  // no writer: init's end is gone, too, and AddPipe brings the next pipe
      return Close(s);
    case Fill::kNoMemory:
      OnNoMemory(now);
      return Pause(s);
  }
}

void Intake::Empty(Stream& s, MonoTime now) {
  int unread = 0;
  if (!s.pipe || ioctl(s.pipe.get(), FIONREAD, &unread) != 0) return;
  const std::uint64_t before = Entry(table_, s).indexed.load();
  // One byte more finds the end of what ends.
  const std::uint64_t most = before + static_cast<std::uint64_t>(std::clamp(unread, 1, kPipeMost));
  while (Entry(table_, s).indexed.load() < most && FillFromPipe(table_, s, kTurnBytes) == Fill::kMoved)
    continue;
  if (Entry(table_, s).indexed.load() != before) NoteBytes(s, now);
}

bool Intake::Watch(Stream& s) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = IdOf(s.slot, s.stream);
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, s.pipe.get(), &event) == 0;
}

void Intake::Pause(Stream& s) {
  if (s.is_watched) (void)epoll_ctl(epoll_, EPOLL_CTL_DEL, s.pipe.get(), nullptr);
  s.is_watched = false;
  if (!s.is_paused) paused_.push_back(&s);
  s.is_paused = true;
}

void Intake::ResumePaused(MonoTime now) {
  if (now >= retry_at_) retry_at_ = kNoDeadline;
  std::erase_if(oversized_, [this](std::uint32_t slot) { return !rings_[slot] || TrimToSize(slot); });
  if (paused_.empty() || retry_at_ != kNoDeadline) return;
  std::erase_if(paused_, [&](Stream* s) {
    if (MakeRoom(*s) == 0) return false;
    if (Announce(table_, *s)) NoteBytes(*s, s->last_bytes);  // what had come when there was no memory
    s->is_paused = false;
    s->is_watched = Watch(*s);
    return true;
  });
}

void Intake::Close(Stream& s) {
  if (s.is_watched) (void)epoll_ctl(epoll_, EPOLL_CTL_DEL, s.pipe.get(), nullptr);
  if (s.is_paused) std::erase(paused_, &s);
  s.is_watched = false;
  s.is_paused = false;
  s.pipe.Reset();
}

void Intake::AddPipe(std::uint32_t slot, std::uint32_t stream, UniqueFd pipe, MonoTime now) {
  Stream& s = StreamOf(slot, stream, now);
  if (host_.ConfigOf(slot) == nullptr) Configure(slot);
  Empty(s, now);
  Close(s);
  s.is_dropping = false;
  s.pipe = std::move(pipe);
  s.had_pipe = true;
  s.is_watched = Watch(s);
  if (!s.is_watched) Empty(s, now);  // a file, for instance, which is never waited for
  feeder_.Touch(s);
}

void Intake::Flush(std::uint32_t slot, MonoTime now) {
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) {
    Stream* s = Find(slot, stream);
    if (s == nullptr) continue;
    Empty(*s, now);
    s->flush = true;
    feeder_.Touch(*s);
  }
  host_.BeginWait(slot, now);
  host_.Flush(slot);
}

void Intake::FlushAll(MonoTime now) {
  for (std::uint32_t slot : known_) Flush(slot, now);
}

void Intake::CloseSlot(std::uint32_t slot, bool is_dropping) {
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) {
    Stream* s = Find(slot, stream);
    if (s == nullptr) continue;
    Close(*s);
    s->is_dropping = is_dropping;
  }
}

void Intake::CloseAll() {
  for (std::uint32_t slot : known_) CloseSlot(slot, false);
}

bool Intake::IsDone(std::uint32_t slot, MonoTime now, MonoTime* next) {
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) {
    const Stream* s = Find(slot, stream);
    if (s != nullptr && !feeder_.IsDone(*s)) return false;
  }
  return host_.IsDone(slot, now, next);
}

bool Intake::IsAllDone(MonoTime now, MonoTime* next) {
  return std::all_of(known_.begin(), known_.end(),
                     [&](std::uint32_t slot) { return IsDone(slot, now, next); });
}

void Intake::Forget(std::uint32_t slot) {
  bool is_back = false;  // with a new pipe, meanwhile
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) {
    std::unique_ptr<Stream>& s = streams_[IdOf(slot, stream)];
    is_back = is_back || (s && !s->is_dropping);
    if (!s || !s->is_dropping) continue;
    feeder_.Forget(*s);
    s.reset();
  }
  if (is_back) return Configure(slot);
  rings_[slot].reset();
  std::erase(known_, slot);
}

void Intake::EmptyRing(std::uint32_t slot) {
  if (slot >= kLogSlots || !rings_[slot]) return;
  rings_[slot]->Empty();
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) {
    Stream* s = Find(slot, stream);
    if (s == nullptr) continue;
    LogStream& entry = Entry(table_, *s);
    s->render.position = entry.indexed.load();
    entry.rendered.store(s->render.position, std::memory_order_release);
  }
}

bool Intake::TakeNews() { return std::exchange(has_news_, false); }

// Old bytes of the streams that keep most go; writers wait a moment; one line a minute says so.
void Intake::OnNoMemory(MonoTime now) {
  std::vector<std::uint32_t> largest;
  for (std::uint32_t slot : known_)
    if (rings_[slot]->Kept() >= kWorthShrinking) largest.push_back(slot);
  std::sort(largest.begin(), largest.end(),
            [&](std::uint32_t a, std::uint32_t b) { return rings_[a]->Kept() > rings_[b]->Kept(); });
  if (largest.size() > kShrinkAtOnce) largest.resize(kShrinkAtOnce);
  for (std::uint32_t slot : largest) rings_[slot]->Shrink(Floors(slot));
  retry_at_ = now + kMemoryRetry;
  if (now < warn_again_at_) return;
  warn_again_at_ = now + kWarnAgain;
  const std::string warning = feeder_.OwnLine("logs: no memory: old lines are dropped");
  (void)!write(STDERR_FILENO, warning.data(), warning.size());
}

}  // namespace foster
