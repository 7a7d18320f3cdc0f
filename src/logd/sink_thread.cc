// SPDX-License-Identifier: MIT
#include "logd/sink_thread.h"

#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace foster {
namespace {

thread_local SinkThread* current_thread = nullptr;

MonoTime Now() { return std::chrono::time_point_cast<Millis>(std::chrono::steady_clock::now()); }

// A millisecond late rather than one early: what is due at `when` is due then.
timespec SpecOf(MonoTime when) {
  const std::int64_t ms = when.time_since_epoch().count() + 1;
  timespec spec{};
  spec.tv_sec = ms / 1000;
  spec.tv_nsec = (ms % 1000) * 1'000'000;
  return spec;
}

}  // namespace

SinkThread* SinkThread::Current() { return current_thread; }

Result<void> SinkThread::Start() {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&wake_, &attributes);
  pthread_condattr_destroy(&attributes);
  // Signals are the loop's.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  const int error = pthread_create(&thread, nullptr, &SinkThread::Main, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) return Error::FromErrno("cannot start a thread", error);
  pthread_detach(thread);
  return Ok();
}

void SinkThread::Add(std::shared_ptr<Sink> sink) {
  const Sink* key = sink.get();
  std::lock_guard<std::mutex> lock(mutex_);
  entries_[key].sink = std::move(sink);
  entries_[key].due = kNoDeadline;
  pthread_cond_signal(&wake_);
}

void SinkThread::Remove(const Sink* sink) {
  std::shared_ptr<Sink> last;  // ends behind the lock
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(sink);
  if (found == entries_.end()) return;
  last = std::move(found->second.sink);
  entries_.erase(found);
}

bool SinkThread::IsGone(const Sink* sink) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return busy_ != sink && entries_.find(sink) == entries_.end();
}

void SinkThread::Wake(const Sink* sink, bool flush) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(sink);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (flush) entry.flush = true;
  if (std::exchange(entry.is_dirty, true)) return;
  if (busy_ == nullptr) pthread_cond_signal(&wake_);
}

void SinkThread::SetEnding() {
  std::lock_guard<std::mutex> lock(mutex_);
  is_ending_ = true;
  for (auto& [key, entry] : entries_) entry.is_dirty = true;
  pthread_cond_signal(&wake_);
}

bool SinkThread::HasEnded() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return std::all_of(entries_.begin(), entries_.end(),
                     [](const auto& entry) { return entry.second.has_ended; });
}

void* SinkThread::Main(void* self) {
  prctl(PR_SET_NAME, "logd-sink");
  current_thread = static_cast<SinkThread*>(self);
  static_cast<SinkThread*>(self)->Serve();
  return nullptr;
}

// Those that have something to do, once each, in turns: a busy one does not starve the others.
void SinkThread::Serve() {
  std::vector<const Sink*> round;
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      round.clear();
      MonoTime next = kNoDeadline;
      const MonoTime now = Now();
      for (const auto& [key, entry] : entries_) {
        if (entry.is_dirty || entry.due <= now) round.push_back(key);
        next = std::min(next, entry.due);
      }
      if (round.empty()) {
        Sleep(next);
        continue;
      }
    }
    for (const Sink* sink : round) ServeOne(sink);
  }
}

// With the lock held.
void SinkThread::Sleep(MonoTime until) {
  if (until == kNoDeadline) {
    pthread_cond_wait(&wake_, mutex_.native_handle());
    return;
  }
  const timespec spec = SpecOf(until);
  pthread_cond_timedwait(&wake_, mutex_.native_handle(), &spec);
}

void SinkThread::ServeOne(const Sink* key) {
  std::shared_ptr<Sink> sink;
  Sink::Turn turn;
  turn.writer = writer_;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;  // removed meanwhile
    Entry& entry = found->second;
    sink = entry.sink;
    entry.is_dirty = false;  // what comes from here on makes it dirty again
    turn.flush = std::exchange(entry.flush, false);
    turn.is_ending = is_ending_;
    busy_ = key;
  }
  turn.now = Now();
  const MonoTime due = sink->Work(turn);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end()) {
      found->second.due = due;
      found->second.has_ended = turn.is_ending && due > turn.now;
      // A rest that had to wait for an earlier step is still to be flushed.
      if (turn.flush && due <= turn.now) found->second.flush = true;
    }
  }
  sink.reset();  // its last user may be this one
  {
    std::lock_guard<std::mutex> lock(mutex_);
    busy_ = nullptr;
  }
  if (!wants_progress_.load(std::memory_order_acquire)) return;
  const std::uint64_t one = 1;
  (void)!write(progress_fd_, &one, sizeof(one));  // full: it rings already
}

}  // namespace foster
