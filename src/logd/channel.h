// SPDX-License-Identifier: MIT
// Channel: messages between supervise and logd (log_table.h), one packet each, with at most one fd.
// Not: what they mean (logd.cc, supervise). Called by: the logd loop, tests. Invariant: never waits.
#pragma once

#include "base/unique_fd.h"
#include "sys/log_table.h"

namespace foster {

enum class Received { kMessage, kNothing, kClosed };

// A packet of another size is passed over, and its fds are closed.
Received ReceiveMessage(int channel, LogdMessage* message, UniqueFd* fd);
// False when the other side does not take it (its queue is full, or it is gone).
bool SendMessage(int channel, const LogdMessage& message, int fd = -1);

}  // namespace foster
