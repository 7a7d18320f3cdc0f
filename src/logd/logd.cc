// SPDX-License-Identifier: MIT
#include "logd/logd.h"

#include <malloc.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "logd/channel.h"
#include "logd/console.h"
#include "logd/feeder.h"
#include "logd/intake.h"
#include "logd/make_sink.h"
#include "logd/printer.h"
#include "logd/sink_host.h"
#include "logd/stall_clock.h"

namespace foster {
namespace {

constexpr std::uint32_t kChannelId = kLogSlots * kLogStreams;  // epoll ids below are streams
constexpr std::uint32_t kSignalId = kChannelId + 1;
constexpr std::uint32_t kSpaceId = kChannelId + 2;
constexpr std::uint32_t kProgressId = kChannelId + 3;
constexpr int kMessagesPerTurn = 64;
constexpr int kMessagesAtEnd = 16384;
constexpr Millis kDrainStill{2000};  // for how long stdout may stand still before it is not waited for

MonoTime Now() { return std::chrono::time_point_cast<Millis>(std::chrono::steady_clock::now()); }

class Logd {
 public:
  Logd(LogTable table, const LogdOptions& options)
      : options_(options),
        table_(std::move(table)),
        console_(table_),
        printer_(table_, options.out),
        host_(table_, MakeSink),
        feeder_(table_, console_, host_, {options.print, options.colour, options.json}),
        intake_(table_, host_, feeder_),
        bell_(options.bell),
        channel_(options.channel) {}

  Result<void> Start();
  void Run();

 private:
  // A slot whose bytes are to be everywhere before it goes, or its rings are emptied.
  struct Ending {
    std::uint32_t slot;
    MonoTime since;
    bool has_left = false;
  };

  bool Watch(int fd, std::uint32_t id);
  void Turn();
  void Work(MonoTime now);
  int WaitTime() const;
  void Wait();
  void OnEvent(std::uint32_t id);
  void ReadMessages(int most);
  void OnMessage(const LogdMessage& message, UniqueFd fd);
  void Send(std::uint32_t kind, std::uint32_t slot = 0, std::uint32_t stream = 0);
  void End(std::uint32_t slot, std::vector<Ending>* list);
  void AnswerDropped(MonoTime now);
  void AnswerEmptied(MonoTime now);
  void AnswerDrained(MonoTime now);
  void TellHealth();
  bool IsEverythingDone(MonoTime now);
  void SetTellAt();
  void OnTerminate();
  bool MayEnd();

  LogdOptions options_;
  LogTable table_;
  Console console_;
  Printer printer_;
  SinkHost host_;
  Feeder feeder_;
  Intake intake_;
  UniqueFd bell_;
  UniqueFd channel_;
  UniqueFd epoll_;
  UniqueFd signals_;
  StallClock stall_;
  std::vector<Ending> dropping_;
  std::vector<Ending> emptying_;
  std::array<epoll_event, 256> events_{};
  int event_count_ = 0;
  bool has_more_ = false;  // there is something that can be done at once
  bool is_draining_ = false;
  bool is_terminating_ = false;
  MonoTime ask_again_at_ = kNoDeadline;  // whether what is waited for is done
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
  intake_.UseEpoll(epoll_.get());
  FOSTER_TRY(host_.Start());
  if (options_.print) FOSTER_TRY(printer_.Start());
  if (!Watch(signals_.get(), kSignalId) || !Watch(host_.progress_fd(), kProgressId) ||
      (options_.print && !Watch(printer_.space_fd(), kSpaceId)))
    return Error::FromErrno("cannot watch for events");
  (void)Watch(channel_.get(), kChannelId);  // without supervise what is known is still drained
  intake_.TakeUpAll();
  has_more_ = true;
  return Ok();
}

bool Logd::Watch(int fd, std::uint32_t id) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = id;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Logd::Run() {
  while (!is_terminating_ || !MayEnd()) {
    Wait();
    Turn();
  }
}

void Logd::Turn() {
  has_more_ = false;
  intake_.BeginTurn(event_count_);
  for (int i = 0; i < event_count_; ++i) OnEvent(events_[static_cast<std::size_t>(i)].data.u32);
  if (intake_.TakeNews()) {
    const std::uint64_t one = 1;
    (void)!write(bell_.get(), &one, sizeof(one));  // full: it has been rung anyway
  }
  const MonoTime now = Now();
  Work(now);
  ask_again_at_ = kNoDeadline;
  AnswerDropped(now);
  AnswerEmptied(now);
  AnswerDrained(now);
  TellHealth();
}

void Logd::Work(MonoTime now) {
  host_.Turn(now);
  feeder_.FlushRests(now);
  if (options_.print) stall_.Observe(now, console_.Sent(), console_.End());
  has_more_ = feeder_.Work(stall_.is_stalled()) || has_more_;
  if (options_.print) {
    if (console_.Backlog() > 0) printer_.Wake();
    stall_.Observe(now, console_.Sent(), console_.End());
  }
  if (feeder_.IsOutOfMemory()) intake_.OnNoMemory(now);
  // The printer was quicker than this turn: nobody else would say so.
  if (feeder_.IsBlocked() && console_.Backlog() <= kConsoleBacklog) has_more_ = true;
  intake_.ResumePaused(now);
}

int Logd::WaitTime() const {
  if (has_more_) return 0;
  MonoTime next = std::min(
      {feeder_.RestDeadline(), stall_.Deadline(), intake_.Deadline(), host_.Deadline(), ask_again_at_});
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
  if (!intake_.IsAnyPaused()) table_.header().drained.store(1, std::memory_order_release);
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
  if (feeder_.IsBlocked() && end - sent > kConsoleBacklog / 2)
    tell_at = std::min(tell_at, end - kConsoleBacklog / 2);
  if (stall_.is_stalled()) tell_at = std::min(tell_at, stall_.sent() + 1);
  printer_.TellAt(tell_at);
  if (tell_at != Printer::kNever && console_.Sent() >= tell_at) has_more_ = true;
}

void Logd::OnEvent(std::uint32_t id) {
  if (id == kChannelId) return ReadMessages(kMessagesPerTurn);
  if (id == kSignalId) return OnTerminate();
  if (id == kProgressId) return;  // what it says is looked at in every turn, as the next one's
  if (id == kSpaceId) {
    std::uint64_t count = 0;
    (void)!read(printer_.space_fd(), &count, sizeof(count));
    return;
  }
  intake_.OnReadable(id, Now());
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
  has_more_ = true;
  switch (message.kind) {
    case kLogdAddStream:
      if (message.slot < kLogSlots && message.stream < kLogStreams && fd && !is_terminating_)
        intake_.AddPipe(message.slot, message.stream, std::move(fd), Now());
      return;
    case kLogdDropSlot:
      if (message.slot >= kLogSlots) return;
      End(message.slot, &dropping_);
      intake_.CloseSlot(message.slot, true);
      return;
    case kLogdDrain:
      is_draining_ = true;
      intake_.FlushAll(Now());
      return;
    case kLogdConfigure:
      intake_.Configure(message.slot);
      return;
    case kLogdReopen:
      host_.Reopen();
      return;
    case kLogdEmptySlot:
      if (message.slot < kLogSlots) End(message.slot, &emptying_);
      return;
    default:
      return;  // of a newer supervise
  }
}

void Logd::Send(std::uint32_t kind, std::uint32_t slot, std::uint32_t stream) {
  // A supervise that is gone asks again when it is back.
  (void)SendMessage(channel_.get(), {kind, slot, stream, 0});
}

void Logd::End(std::uint32_t slot, std::vector<Ending>* list) {
  const MonoTime now = Now();
  intake_.Flush(slot, now);
  const auto is_same = [&](const Ending& ending) { return ending.slot == slot; };
  if (std::none_of(list->begin(), list->end(), is_same)) list->push_back({slot, now});
}

void Logd::AnswerDropped(MonoTime now) {
  std::erase_if(dropping_, [&](Ending& ending) {
    if (!ending.has_left && !intake_.IsDone(ending.slot, now, &ask_again_at_)) return false;
    if (!ending.has_left) host_.Leave(ending.slot, now);
    ending.has_left = true;
    if (!host_.HasLeft(ending.slot, now, &ask_again_at_)) return false;
    intake_.Forget(ending.slot);
    Send(kLogdDropped, ending.slot);
    return true;
  });
}

// What came before is everywhere first; but a stdout that stands still is not waited for.
void Logd::AnswerEmptied(MonoTime now) {
  std::erase_if(emptying_, [&](const Ending& ending) {
    if (!intake_.IsDone(ending.slot, now, &ask_again_at_) && now - ending.since < kDrainStill) {
      ask_again_at_ = std::min(ask_again_at_, ending.since + kDrainStill);
      return false;
    }
    intake_.EmptyRing(ending.slot);
    host_.StartAnew(ending.slot);
    Send(kLogdEmptied, ending.slot);
    return true;
  });
}

bool Logd::IsEverythingDone(MonoTime now) {
  if (options_.print && console_.Backlog() != 0) return false;
  return intake_.IsAllDone(now, &ask_again_at_);
}

void Logd::AnswerDrained(MonoTime now) {
  if (!is_draining_ || has_more_ || !IsEverythingDone(now)) return;
  is_draining_ = false;
  Send(kLogdDrained);
}

void Logd::TellHealth() {
  for (const SinkHost::Change& change : host_.TakeChanges())
    Send(change.is_trouble ? kLogdTrouble : kLogdRecovered, change.slot, change.index);
}

void Logd::OnTerminate() {
  signalfd_siginfo info{};
  (void)!read(signals_.get(), &info, sizeof(info));
  ReadMessages(kMessagesAtEnd);  // pipes that were told of before SIGTERM are emptied, too
  is_terminating_ = true;
  intake_.FlushAll(Now());
  intake_.CloseAll();
  host_.SetEnding(Now());
  has_more_ = true;
}

// Everything is out, or who has not taken it stands still; then the rest waits in the arena for the next
// logd.
bool Logd::MayEnd() {
  if (has_more_) return false;
  const MonoTime now = Now();
  if (IsEverythingDone(now)) return host_.HaveEnded(now, &ask_again_at_);
  MonoTime unused = kNoDeadline;
  return options_.print && stall_.StillFor(now) >= kDrainStill && host_.IsAllDone(now, &unused);
}

void RaiseFdLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);  // then fewer pipes can be held, and supervise sees the fds refused
}

// A heap for each thread would keep what another could use, and a large buffer that was freed is to be gone.
void KeepHeapSmall() {
  constexpr int kLargeBuffer = 64 * 1024;
  (void)mallopt(M_ARENA_MAX, 1);
  (void)mallopt(M_MMAP_THRESHOLD, kLargeBuffer);
}

}  // namespace

Result<void> RunLogd(const LogdOptions& options) {
  KeepHeapSmall();
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
