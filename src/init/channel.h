// SPDX-License-Identifier: MIT
// The way to supervise and back. Not: what a request means (request.h), nor who is at the other end
// (supervise.h). Called by the loop, spawn.cc and request.cc. Invariants: sending never blocks and loses
// nothing: what is to be told are marks in the state; one reply at most is pending, and while it is no
// further request is read.
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

}  // namespace foster::init
