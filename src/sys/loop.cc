// SPDX-License-Identifier: MIT
#include "sys/loop.h"

#include <uv.h>

#include <algorithm>
#include <cstdlib>
#include <unordered_map>

#include "sys/clock.h"

namespace foster {
namespace {

// libuv frees nothing before the close callback ran, so a watch outlives its Unwatch() until then.
struct FdWatch {
  uv_poll_t handle{};
  unsigned interest = 0;
  bool closing = false;
  Loop::OnReady on_ready;
};

struct Turn {
  std::function<void()> on_turn;
};

// Before anything that woke us is told to anybody.
void TakeTurn(const uv_loop_t* loop) {
  auto* turn = static_cast<Turn*>(loop->data);
  if (turn->on_turn) turn->on_turn();
}

int EventsOf(unsigned interest) {
  return ((interest & kReadable) ? UV_READABLE : 0) | ((interest & kWritable) ? UV_WRITABLE : 0);
}

void OnPoll(uv_poll_t* handle, int status, int events) {
  auto* watch = static_cast<FdWatch*>(handle->data);
  if (watch->closing) return;
  TakeTurn(handle->loop);
  unsigned ready = 0;
  if (status < 0 || (events & UV_READABLE)) ready |= kReadable;
  if (status < 0 || (events & UV_WRITABLE)) ready |= kWritable;
  ready &= watch->interest;
  if (ready == 0 || watch->closing) return;
  auto callback = watch->on_ready;  // a copy: the callback may unwatch itself
  callback(ready);
}

void FreeWatch(uv_handle_t* handle) { delete static_cast<FdWatch*>(handle->data); }

void Close(FdWatch* watch) {
  watch->closing = true;
  uv_poll_stop(&watch->handle);
  uv_close(reinterpret_cast<uv_handle_t*>(&watch->handle), FreeWatch);
}

}  // namespace

struct Loop::Impl {
  uv_loop_t loop{};
  uv_timer_t timer{};
  uv_prepare_t prepare{};
  Turn turn;
  std::function<void()> on_timer;
  std::unordered_map<int, FdWatch*> watches;
};

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  if (uv_loop_init(&impl_->loop) != 0) std::abort();  // without an epoll fd there is nothing to go on with
  uv_timer_init(&impl_->loop, &impl_->timer);
  impl_->timer.data = impl_.get();
  impl_->loop.data = &impl_->turn;
  uv_prepare_init(&impl_->loop, &impl_->prepare);
  uv_unref(reinterpret_cast<uv_handle_t*>(&impl_->prepare));
}

Loop::~Loop() {
  for (auto& [fd, watch] : impl_->watches) Close(watch);
  uv_close(reinterpret_cast<uv_handle_t*>(&impl_->timer), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&impl_->prepare), nullptr);
  uv_run(&impl_->loop, UV_RUN_DEFAULT);
  uv_loop_close(&impl_->loop);
}

Result<void> Loop::Watch(int fd, unsigned interest, OnReady on_ready) {
  Unwatch(fd);
  auto watch = std::make_unique<FdWatch>();
  watch->interest = interest;
  watch->on_ready = std::move(on_ready);
  if (int error = uv_poll_init(&impl_->loop, &watch->handle, fd); error != 0)
    return Error::FromErrno("cannot watch fd " + std::to_string(fd), -error);
  watch->handle.data = watch.get();
  uv_poll_start(&watch->handle, EventsOf(interest), OnPoll);
  impl_->watches[fd] = watch.release();
  return Ok();
}

void Loop::Change(int fd, unsigned interest) {
  auto found = impl_->watches.find(fd);
  if (found == impl_->watches.end() || found->second->interest == interest) return;
  found->second->interest = interest;
  if (interest == 0) {
    uv_poll_stop(&found->second->handle);
  } else {
    uv_poll_start(&found->second->handle, EventsOf(interest), OnPoll);
  }
}

void Loop::Unwatch(int fd) {
  auto found = impl_->watches.find(fd);
  if (found == impl_->watches.end()) return;
  FdWatch* watch = found->second;
  impl_->watches.erase(found);
  Close(watch);
}

void Loop::SetTimer(MonoTime when, std::function<void()> on_timer) {
  impl_->on_timer = std::move(on_timer);
  if (when == kNoDeadline) {
    uv_timer_stop(&impl_->timer);
    return;
  }
  uv_update_time(&impl_->loop);
  auto wait = std::max<std::int64_t>(0, (when - MonoNow()).count());
  uv_timer_start(
      &impl_->timer,
      [](uv_timer_t* timer) {
        TakeTurn(timer->loop);
        auto callback = static_cast<Impl*>(timer->data)->on_timer;
        callback();
      },
      static_cast<std::uint64_t>(wait), 0);
}

void Loop::OnTurn(std::function<void()> on_turn) {
  impl_->turn.on_turn = std::move(on_turn);
  uv_prepare_start(&impl_->prepare, [](uv_prepare_t* prepare) { TakeTurn(prepare->loop); });
}

void Loop::Run() { uv_run(&impl_->loop, UV_RUN_DEFAULT); }

void Loop::Stop() { uv_stop(&impl_->loop); }

}  // namespace foster
