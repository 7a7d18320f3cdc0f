// SPDX-License-Identifier: MIT
// The way to supervise and back, and what it asks for. Not: who is at the other end (supervise.h). Called by
// the loop and children.cc. Invariants: sending never blocks and loses nothing: what is to be told are marks
// in the state; one reply at most is pending, and while it is no further request is read; a request lies in
// state->current until it is done; nothing in it is trusted: names end, fds that nobody took are closed.
#pragma once

#include <stdint.h>

#include "foster/init_protocol.h"

namespace foster::init {

Message EmptyMessage(uint32_t type);
void Reply(const Message& message);
void ReplySpawnFailed(const ChildKey& key, SpawnStage stage, int error);

// Sends what there is to tell, as far as the socket takes it.
void FlushChannel();
// Whether FlushChannel() stopped because the socket was full.
bool WantsToWrite();
bool MayRead();
// Receives and does up to `limit` requests; 0: all there are.
void ReadChannel(uint32_t limit);
// The request that a fault has interrupted.
void ResumeRequest();

}  // namespace foster::init
