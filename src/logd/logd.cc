// SPDX-License-Identifier: MIT
#include "logd/logd.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <vector>

#include "logd/channel.h"
#include "logd/console.h"
#include "logd/feeder.h"
#include "logd/printer.h"
#include "logd/stall_clock.h"
#include "logd/stream.h"

namespace foster {
namespace {

constexpr std::uint32_t kChannelId = kLogSlots * kLogStreams;  // epoll ids below are streams
constexpr std::uint32_t kSignalId = kChannelId + 1;
constexpr std::uint32_t kSpaceId = kChannelId + 2;
constexpr std::size_t kTurnBytes = 64 * 1024;  // what one pipe may bring per turn
constexpr std::size_t kPipeMost =
    4 * 1024 * 1024;  // more than a pipe holds: a writer that goes on is not waited for
constexpr int kMessagesPerTurn = 64;
constexpr int kMessagesAtEnd = 16384;
constexpr Millis kDrainStill{2000};  // after SIGTERM: for how long stdout may stand still before logd goes
constexpr Millis kMemoryRetry{100};
constexpr Millis kWarnAgain{60000};

MonoTime Now() { return std::chrono::time_point_cast<Millis>(std::chrono::steady_clock::now()); }

std::uint32_t IdOf(std::uint32_t slot, std::uint32_t stream) { return slot * kLogStreams + stream; }

class Logd {
 public:
  Logd(LogTable table, const LogdOptions& options)
      : options_(options),
        table_(std::move(table)),
        console_(table_),
        printer_(table_, options.out),
        feeder_(table_, console_, {options.print, options.colour}),
        bell_(options.bell),
        channel_(options.channel),
        streams_(kLogSlots * kLogStreams) {}

  Result<void> Start();
  void Run();

 private:
  bool Watch(int fd, std::uint32_t id);
  Stream& StreamOf(std::uint32_t slot, std::uint32_t stream);
  void Turn();
  int WaitTime() const;
  void Wait();
  void OnEvent(std::uint32_t id);
  void Fetch(Stream& s);
  void Empty(Stream& s);
  void Pause(Stream& s);
  void ResumePaused();
  void Close(Stream& s);
  void OnNoMemory();
  void ReadMessages(int most);
  void OnMessage(const LogdMessage& message, UniqueFd fd);
  void Drop(std::uint32_t slot);
  void AnswerDropped();
  void AnswerDrained();
  bool IsEverythingDone() const;
  void SetTellAt();
  void OnTerminate();
  bool MayEnd() const;

  LogdOptions options_;
  LogTable table_;
  Console console_;
  Printer printer_;
  Feeder feeder_;
  UniqueFd bell_;
  UniqueFd channel_;
  UniqueFd epoll_;
  UniqueFd signals_;
  StallClock stall_;
  std::vector<std::unique_ptr<Stream>> streams_;  // by IdOf
  std::vector<Stream*> paused_;
  std::vector<std::uint32_t> dropping_;  // slots
  std::array<epoll_event, 256> events_{};
  int event_count_ = 0;
  bool has_more_ = false;  // the feeder can go on at once
  bool has_new_bytes_ = false;
  bool is_draining_ = false;
  bool is_terminating_ = false;
  MonoTime warn_again_at_{};
  MonoTime retry_at_ = kNoDeadline;
};

Result<void> Logd::Start() {
  console_.Recover(options_.out);
  if (!options_.print)
    __atomic_store_n(&table_.header().console_sent, ConsoleBase() + static_cast<std::int64_t>(console_.End()),
                     __ATOMIC_RELEASE);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_SETMASK, &set, nullptr);
  for (int ignored : {SIGPIPE, SIGXFSZ, SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGTTOU}) signal(ignored, SIG_IGN);
  epoll_.Reset(epoll_create1(EPOLL_CLOEXEC));
  signals_.Reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!epoll_ || !signals_) return Error::FromErrno("cannot create the event queue");
  if (options_.print) FOSTER_TRY(printer_.Start());
  if (!Watch(signals_.get(), kSignalId) || (options_.print && !Watch(printer_.space_fd(), kSpaceId)))
    return Error::FromErrno("cannot watch for events");
  (void)Watch(channel_.get(), kChannelId);  // without supervise what is known is still drained
  const std::uint32_t limit = std::min(table_.header().slot_limit.load(), kLogSlots);
  for (std::uint32_t slot = 0; slot < limit; ++slot) {
    if (table_.header().slots[slot].used.load(std::memory_order_acquire) == 0) continue;
    for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) feeder_.Touch(StreamOf(slot, stream));
  }
  has_more_ = true;
  return Ok();
}

bool Logd::Watch(int fd, std::uint32_t id) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = id;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

Stream& Logd::StreamOf(std::uint32_t slot, std::uint32_t stream) {
  std::unique_ptr<Stream>& s = streams_[IdOf(slot, stream)];
  if (!s) {
    s = std::make_unique<Stream>();
    s->slot = slot;
    s->stream = stream;
    s->last_bytes = Now();
    TakeUp(table_, *s);
    feeder_.SawName(slot);
  }
  return *s;
}

void Logd::Run() {
  while (!is_terminating_ || !MayEnd()) {
    Wait();
    Turn();
  }
}

void Logd::Turn() {
  for (int i = 0; i < event_count_; ++i) OnEvent(events_[static_cast<std::size_t>(i)].data.u32);
  const MonoTime now = Now();
  feeder_.FlushRests(now);
  if (options_.print) stall_.Observe(now, console_.Sent(), console_.End());
  has_more_ = feeder_.Work(stall_.is_stalled());
  if (options_.print) {
    printer_.Wake();
    stall_.Observe(now, console_.Sent(), console_.End());
  }
  if (feeder_.IsOutOfMemory()) OnNoMemory();
  // The printer was quicker than this turn: nobody else would say so.
  if (feeder_.IsBlocked() && console_.Backlog() <= kBacklogBytes) has_more_ = true;
  if (now >= retry_at_) retry_at_ = kNoDeadline;
  ResumePaused();
  AnswerDropped();
  AnswerDrained();
  if (has_new_bytes_ && table_.header().followers.load() > 0) {
    const std::uint64_t one = 1;
    (void)!write(bell_.get(), &one, sizeof(one));  // full: it has been rung anyway
  }
  has_new_bytes_ = false;
}

int Logd::WaitTime() const {
  if (has_more_) return 0;
  MonoTime next = std::min({feeder_.RestDeadline(), stall_.Deadline(), retry_at_});
  if (is_terminating_) next = std::min(next, Now() + kDrainStill);
  if (next == kNoDeadline) return -1;
  return static_cast<int>(std::clamp(next - Now() + Millis{1}, Millis{0}, Millis{60000}).count());
}

void Logd::Wait() {
  SetTellAt();
  const int time = WaitTime();
  event_count_ = epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), 0);
  if (event_count_ > 0 || time == 0) return;
  // Nothing to read anywhere: say so, then sleep.
  if (paused_.empty()) table_.header().drained.store(1, std::memory_order_release);
  event_count_ = epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), time);
  table_.header().drained.store(0, std::memory_order_release);
}

// The printer rings once it has come to where somebody waits for it. If it came there while this was being
// written down, one more turn sees that; a wish is only made when there is something to wait for, so this
// cannot go in circles.
void Logd::SetTellAt() {
  if (!options_.print || has_more_) return;
  const std::uint64_t end = console_.End();
  const std::uint64_t sent = console_.Sent();
  std::uint64_t tell_at = Printer::kNever;
  if ((is_draining_ || is_terminating_) && sent < end) tell_at = end;
  if (feeder_.IsBlocked() && end - sent > kBacklogBytes / 2)
    tell_at = std::min(tell_at, end - kBacklogBytes / 2);
  if (stall_.is_stalled()) tell_at = std::min(tell_at, stall_.sent() + 1);
  printer_.TellAt(tell_at);
  if (tell_at != Printer::kNever && console_.Sent() >= tell_at) has_more_ = true;
}

void Logd::OnEvent(std::uint32_t id) {
  if (id == kChannelId) return ReadMessages(kMessagesPerTurn);
  if (id == kSignalId) return OnTerminate();
  if (id == kSpaceId) {
    std::uint64_t count = 0;
    (void)!read(printer_.space_fd(), &count, sizeof(count));  // what it says is looked at in every turn
    return;
  }
  if (Stream* s = streams_[id].get(); s != nullptr && s->is_watched) Fetch(*s);
}

void Logd::Fetch(Stream& s) {
  switch (FillFromPipe(table_, s, kTurnBytes)) {
    case Fill::kMoved:
      s.last_bytes = Now();
      has_new_bytes_ = true;
      feeder_.Touch(s);
      if (feeder_.IsBehind(s)) Pause(s);
      return;
    case Fill::kEmpty:
      return;
    case Fill::kEnded:  // no writer: init's end is gone, too, and AddStream brings the next pipe
      Close(s);
      return;
    case Fill::kNoMemory:
      OnNoMemory();
      Pause(s);
      return;
  }
}

// Reads a pipe empty, whether stdout keeps up or not. What it holds is bounded.
void Logd::Empty(Stream& s) {
  if (!s.pipe) return;
  std::uint64_t before = Entry(table_, s).indexed.load();
  const std::uint64_t most = before + kPipeMost;
  while (FillFromPipe(table_, s, kTurnBytes) == Fill::kMoved && Entry(table_, s).indexed.load() < most)
    continue;
  has_new_bytes_ = has_new_bytes_ || Entry(table_, s).indexed.load() != before;
  s.last_bytes = Now();
}

void Logd::Pause(Stream& s) {
  if (s.is_watched) (void)epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, s.pipe.get(), nullptr);
  s.is_watched = false;
  if (!s.is_paused) paused_.push_back(&s);
  s.is_paused = true;
}

void Logd::ResumePaused() {
  if (paused_.empty() || retry_at_ != kNoDeadline) return;
  std::erase_if(paused_, [this](Stream* s) {
    if (feeder_.IsBehind(*s)) return false;
    s->is_paused = false;
    s->is_watched = Watch(s->pipe.get(), IdOf(s->slot, s->stream));
    return true;
  });
}

void Logd::Close(Stream& s) {
  if (s.is_watched) (void)epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, s.pipe.get(), nullptr);
  if (s.is_paused) std::erase(paused_, &s);
  s.is_watched = false;
  s.is_paused = false;
  s.pipe.Reset();
}

// Old bytes of the streams that keep most go; writers wait a moment; one line a minute says so.
void Logd::OnNoMemory() {
  const MonoTime now = Now();
  feeder_.MakeRoom(streams_);
  retry_at_ = now + kMemoryRetry;
  if (now < warn_again_at_) return;
  warn_again_at_ = now + kWarnAgain;
  constexpr std::string_view kWarning = "foster: logs: no memory: old lines are dropped\n";
  (void)!write(STDERR_FILENO, kWarning.data(), kWarning.size());
}

void Logd::ReadMessages(int most) {
  for (int i = 0; i < most; ++i) {
    LogdMessage message{};
    UniqueFd fd;
    const Received received = ReceiveMessage(channel_.get(), &message, &fd);
    if (received == Received::kNothing) return;
    if (received == Received::kClosed) {
      channel_.Reset();  // out of epoll with it; what is known is still drained
      return;
    }
    OnMessage(message, std::move(fd));
  }
}

void Logd::OnMessage(const LogdMessage& message, UniqueFd fd) {
  switch (message.kind) {
    case kLogdAddStream: {
      if (message.slot >= kLogSlots || message.stream >= kLogStreams || !fd || is_terminating_) return;
      Stream& s = StreamOf(message.slot, message.stream);
      Empty(s);  // another pipe may replace this one
      Close(s);
      s.is_dropping = false;
      s.pipe = std::move(fd);
      s.had_pipe = true;
      s.is_watched = Watch(s.pipe.get(), IdOf(s.slot, s.stream));
      if (!s.is_watched) Empty(s);  // a file, for instance, which is never waited for
      feeder_.Touch(s);
      has_more_ = true;
      return;
    }
    case kLogdDropSlot:
      if (message.slot < kLogSlots) Drop(message.slot);
      return;
    case kLogdDrain:
      is_draining_ = true;
      for (const auto& s : streams_) {
        if (!s) continue;
        Empty(*s);
        s->flush = true;
        feeder_.Touch(*s);
      }
      return;
    default:
      return;  // of a newer supervise
  }
}

void Logd::Drop(std::uint32_t slot) {
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) {
    Stream* s = streams_[IdOf(slot, stream)].get();
    if (s == nullptr) continue;
    Empty(*s);
    Close(*s);
    s->is_dropping = true;
    s->flush = true;
    feeder_.Touch(*s);
  }
  if (std::find(dropping_.begin(), dropping_.end(), slot) == dropping_.end()) dropping_.push_back(slot);
}

void Logd::AnswerDropped() {
  std::erase_if(dropping_, [this](std::uint32_t slot) {
    for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) {
      const Stream* s = streams_[IdOf(slot, stream)].get();
      if (s != nullptr && s->is_dropping && !feeder_.IsDone(*s)) return false;
    }
    for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) {
      std::unique_ptr<Stream>& s = streams_[IdOf(slot, stream)];
      if (!s || !s->is_dropping) continue;
      feeder_.Forget(*s);
      s.reset();
    }
    // A supervise that is gone asks again when it is back.
    (void)SendMessage(channel_.get(), {kLogdDropped, slot, 0, 0});
    return true;
  });
}

bool Logd::IsEverythingDone() const {
  if (options_.print && console_.Backlog() != 0) return false;
  return std::all_of(streams_.begin(), streams_.end(),
                     [this](const auto& s) { return !s || feeder_.IsDone(*s); });
}

void Logd::AnswerDrained() {
  if (!is_draining_ || has_more_ || !IsEverythingDone()) return;
  is_draining_ = false;
  (void)SendMessage(channel_.get(), {kLogdDrained, 0, 0, 0});
}

void Logd::OnTerminate() {
  signalfd_siginfo info{};
  (void)!read(signals_.get(), &info, sizeof(info));
  ReadMessages(kMessagesAtEnd);  // pipes that were told of before SIGTERM are emptied, too
  is_terminating_ = true;
  for (const auto& s : streams_) {
    if (!s) continue;
    Empty(*s);
    Close(*s);
    s->flush = true;
    feeder_.Touch(*s);
  }
  has_more_ = true;
}

// Everything is out, or stdout has stood still for too long; then the rest waits in the arena for the next
// logd.
bool Logd::MayEnd() const {
  if (IsEverythingDone()) return true;
  return options_.print && !has_more_ && stall_.StillFor(Now()) >= kDrainStill;
}

void RaiseFdLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);  // then fewer pipes can be held, and supervise sees the fds refused
}

}  // namespace

Result<void> RunLogd(const LogdOptions& options) {
  sigset_t terminate;
  sigemptyset(&terminate);
  sigaddset(&terminate, SIGTERM);
  sigprocmask(SIG_BLOCK, &terminate, nullptr);  // as early as can be: it is taken in order, by the loop
  RaiseFdLimit();
  auto table = LogTable::Open(UniqueFd(options.table), UniqueFd(options.arena));
  if (!table.ok()) return table.error();
  // Never destroyed: the printer's thread uses it until the process ends.
  auto* logd = new Logd(std::move(*table), options);
  FOSTER_TRY(logd->Start());
  logd->Run();
  return Ok();
}

}  // namespace foster
