// SPDX-License-Identifier: MIT
// Notify: the readiness pipes of services that have a notification fd: made before the spawn, watched, and
// kept in init's store as "ready:NAME" until the newline came. Not: deciding what readiness means (the core).
// Called by: Effects, Boot. Invariant: a newline stays in the pipe (it is looked at with tee(2)) until the
// step that it causes is saved, so a kill of supervise never loses readiness.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "supervise/store.h"
#include "sys/loop.h"

namespace foster {

class Notify {
 public:
  // `saved` is to be called once the news is in the savepoint.
  using OnReady = std::function<void(const std::string& name, std::function<void()> saved)>;

  Notify(Loop& loop, Store& store, OnReady on_ready)
      : loop_(loop), store_(store), on_ready_(std::move(on_ready)) {}
  ~Notify();

  // A new pipe for `name`; the write end is in `*write_end` when the spawn message behind this call has its
  // turn.
  void Open(const std::string& name, std::shared_ptr<UniqueFd> write_end);
  // After a restart: takes the read end from the store again.
  void Resume(const std::string& name);
  void Close(const std::string& name);
  // Looks now: before an exit is taken in, so that `ready` comes first when both are there.
  void Look(const std::string& name);

 private:
  void Watch(const std::string& name, UniqueFd read_end);

  Loop& loop_;
  Store& store_;
  OnReady on_ready_;
  std::map<std::string, UniqueFd> watched_;
};

}  // namespace foster
