// SPDX-License-Identifier: MIT
// Session: the control protocol on one connection without ever waiting: requests become bytes to write, bytes
// that came become replies and notifications. Not: a socket (tui.cc), nor foster::Client, whose calls block
// and would freeze the screen while supervise is stopped. Called by: app. Invariants: at most kMaxUnsent
// bytes wait to be written; replies are matched by id.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/json.h"
#include "wire/rpc.h"

namespace foster::tui {

struct Message {
  std::int64_t id = 0;  // of the request; 0 = notification
  std::string method;   // of a notification
  Json body;            // result or params
  bool failed = false;
  int code = 0;  // when failed
  std::string error;
};

class Session {
 public:
  static constexpr std::size_t kMaxUnsent = 256u << 10;

  // The id of the request, 0 when there is no connection or too much is unsent.
  std::int64_t Request(std::string_view method, const Json& params);
  // What the peer sent. False: it does not speak the protocol.
  bool Feed(std::string_view bytes, std::vector<Message>* out);

  void Open();
  void Close();
  bool open() const { return open_; }
  const std::string& unsent() const { return unsent_; }
  void Sent(std::size_t bytes) { unsent_.erase(0, bytes); }

 private:
  bool open_ = false;
  std::int64_t next_id_ = 1;  // goes on across connections: a late id is never mistaken
  std::string unsent_;
  LineSplitter splitter_;
};

}  // namespace foster::tui
