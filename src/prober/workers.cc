// SPDX-License-Identifier: MIT
#include "prober/workers.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "sys/clock.h"

namespace foster {
namespace {

struct Task {
  std::uint64_t id = 0;
  std::string key;
  std::function<void()> work;
};

}  // namespace

struct Workers::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Task> queue;
  std::map<std::uint64_t, MonoTime> running;  // id -> since when
  std::set<std::string> busy_keys;
  std::vector<std::uint64_t> finished;
  std::size_t threads = 0;
  std::size_t idle = 0;
  bool is_closed = false;
  UniqueFd bell{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::map<std::uint64_t, std::function<void()>> done;  // of the loop's thread alone

  // The first whose key nobody works on.
  std::deque<Task>::iterator Runnable() {
    return std::find_if(queue.begin(), queue.end(),
                        [this](const Task& t) { return !busy_keys.count(t.key); });
  }

  bool Take(std::unique_lock<std::mutex>& lock, Task* task) {
    for (auto next = Runnable();; next = Runnable()) {
      if (is_closed) return false;
      if (next != queue.end()) {
        *task = std::move(*next);
        queue.erase(next);
        busy_keys.insert(task->key);
        running[task->id] = MonoNow();
        return true;
      }
      ++idle;
      wake.wait(lock);
      --idle;
    }
  }

  void Work() {
    std::unique_lock lock(mutex);
    for (Task task; Take(lock, &task);) {
      lock.unlock();
      task.work();
      task.work = nullptr;  // what it holds is let go outside the lock
      lock.lock();
      running.erase(task.id);
      busy_keys.erase(task.key);
      finished.push_back(task.id);
      const std::uint64_t one = 1;
      (void)!write(bell.get(), &one, sizeof one);  // full: it has been rung anyway
    }
  }
};

Workers::Workers(Loop& loop, std::size_t threads, Millis stuck_after)
    : loop_(loop), most_(threads), stuck_after_(stuck_after), state_(std::make_shared<State>()) {
  (void)loop_.Watch(state_->bell.get(), kReadable, [this](unsigned) { OnFinished(); });
}

Workers::~Workers() {
  loop_.Unwatch(state_->bell.get());
  std::lock_guard lock(state_->mutex);
  state_->is_closed = true;
  state_->queue.clear();
  state_->done.clear();
  state_->wake.notify_all();
}

std::uint64_t Workers::Start(std::string key, std::function<void()> work, std::function<void()> done) {
  const std::uint64_t id = next_++;
  state_->done.emplace(id, std::move(done));
  std::lock_guard lock(state_->mutex);
  state_->queue.push_back({id, std::move(key), std::move(work)});
  if (state_->idle < state_->queue.size() && state_->threads < most_) MakeThread();
  state_->wake.notify_one();
  return id;
}

// Without a thread (the container has no more of them) the task waits, and its caller's time runs out.
void Workers::MakeThread() {
  try {
    std::thread([state = state_] { state->Work(); }).detach();
    ++state_->threads;
  } catch (const std::system_error&) {
  }
}

void Workers::Cancel(std::uint64_t id) {
  if (state_->done.erase(id) == 0) return;
  std::lock_guard lock(state_->mutex);
  std::erase_if(state_->queue, [id](const Task& task) { return task.id == id; });
}

void Workers::OnFinished() {
  std::uint64_t count = 0;
  (void)!read(state_->bell.get(), &count, sizeof count);  // how often it was rung says nothing
  std::vector<std::uint64_t> finished;
  {
    std::lock_guard lock(state_->mutex);
    finished.swap(state_->finished);
  }
  for (std::uint64_t id : finished) {
    auto found = state_->done.extract(id);
    if (!found.empty()) found.mapped()();
  }
}

MonoTime Workers::StuckAt() const {
  std::lock_guard lock(state_->mutex);
  if (state_->Runnable() == state_->queue.end()) return kNoDeadline;
  if (state_->running.size() < most_) return MonoNow() + stuck_after_;  // a thread is about to take it
  MonoTime newest{};
  for (const auto& [id, since] : state_->running) newest = std::max(newest, since);
  return newest + stuck_after_;
}

}  // namespace foster
