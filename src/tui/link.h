// SPDX-License-Identifier: MIT
// Link: the socket under one Session of the App: connects, connects again after a pause, moves bytes, never
// waits. Not: the protocol (session.h). Called by: tui.cc. Invariant: the session is open exactly while there
// is a socket.
#pragma once

#include <string>

#include "base/unique_fd.h"
#include "tui/app.h"

namespace foster::tui {

class Link {
 public:
  Link(App* app, App::Channel channel, std::string path)
      : app_(app), channel_(channel), path_(std::move(path)) {}

  // Connects when it is time to. Returns when to be called again (kNoDeadline while connected).
  MonoTime Advance(MonoTime now);
  int fd() const { return fd_.get(); }
  short poll_events() const;
  void Ready(short events, MonoTime now);

 private:
  void Connect(MonoTime now);
  void Read(MonoTime now);
  void Write(MonoTime now);
  void Drop(const std::string& why, MonoTime now);

  App* app_;
  App::Channel channel_;
  std::string path_;
  UniqueFd fd_;
  MonoTime retry_at_{};
  int failures_ = 0;
};

}  // namespace foster::tui
