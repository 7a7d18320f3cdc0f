// SPDX-License-Identifier: MIT
// Feed: follows notifications and goes on when supervise was away: connects again and subscribes anew.
// Not: a cache; what was seen (cursors, states) is the caller's. Called by: logs, events. Invariant: ends
// with kExitOk on Ctrl-C, TERM, and when nobody reads its output any more.
#pragma once

#include <functional>
#include <string_view>

#include "cli/session.h"

namespace foster::cli {

struct Feed {
  std::string_view method;        // that subscribes
  std::string_view notification;  // that follows
  std::function<Json()> params;   // asked for at each subscription
  std::function<void(const Json& reply, bool again)> on_reply;
  std::function<bool(const Json& params)> on_notification;  // false: it is enough
  std::function<void()> on_pause = {};                      // nothing is waiting; may be empty
};

int RunFeed(const Feed& feed, const Arguments& arguments, Console& console);

}  // namespace foster::cli
