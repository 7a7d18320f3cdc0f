// SPDX-License-Identifier: MIT
#include "request.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "command.h"
#include "fault.h"
#include "say.h"
#include "spawn.h"
#include "state.h"
#include "stop.h"
#include "store.h"
#include "supervise.h"
#include "tree.h"

namespace foster::init {
namespace {

void Signal(const Message& message) {
  int index = FindChild(message.key);
  if (index >= 0) SignalChild(index, message.signal, message.scope);
}

void Forget(const Message& message) {
  int index = FindChild(message.key);
  if (index < 0) return;
  uint32_t phase = state->children[index].state;
  if (phase == kChildExited || phase == kChildFailed || phase == kChildLingering) FreeSlot(index);
}

void AnswerStoreGet(const Message& message) {
  Message reply = EmptyMessage(kMsgStoreEntry);
  memcpy(reply.store_name, message.store_name, kMaxNameLength);
  Reply(reply);  // the fds are added when it is sent; until then no other request is done
}

void AnswerTreeQuery(const Message& message) {
  int index = FindChild(message.key);
  uint32_t count = index >= 0 ? CountTree(index) : 0;
  Message reply = EmptyMessage(count > 0 ? kMsgTreeAlive : kMsgTreeGone);
  reply.key = message.key;
  reply.value = count;
  Reply(reply);
}

void Put(CurrentRequest* current) {
  if (!PutStore(current->message.store_name, current->fds, current->fd_count))
    Say("cannot keep %.*s: %s", static_cast<int>(kMaxNameLength), current->message.store_name,
        current->fd_count == 0 ? "its fds did not arrive" : "the fd store is full");
}

void Do(CurrentRequest* current, bool is_repeated) {
  const Message& message = current->message;
  switch (message.type) {
    case kMsgSpawn:
      return Spawn(message.key, current->fds, current->fd_count, is_repeated);
    case kMsgSignal:
      return Signal(message);
    case kMsgForget:
      return Forget(message);
    case kMsgStorePut:
      return Put(current);
    case kMsgStoreGet:
      return AnswerStoreGet(message);
    case kMsgStoreDrop:
      return DropStored(message.store_name);
    case kMsgReady:
      return SuperviseIsReady();
    case kMsgRunCommand:
      return StartCommand();
    case kMsgFinish:
      return Finish(static_cast<int32_t>(message.value));
    case kMsgReexec:
      return RequestReexec();
    case kMsgShutdownBegun:
      return ShutdownBegun(message.value);
    case kMsgTreeQuery:
      return AnswerTreeQuery(message);
    default:
      return;  // of a newer version, or nonsense
  }
}

void Close(CurrentRequest* current) {
  for (uint32_t i = 0; i < current->fd_count; ++i)
    if (current->fds[i] >= 0) close(current->fds[i]);
  current->fd_count = 0;
  current->active = 0;
}

}  // namespace

void DoCurrentRequest() {
  CurrentRequest& current = state->current;
  current.message.key.name[kMaxNameLength - 1] = '\0';
  current.message.store_name[kMaxNameLength - 1] = '\0';
  Do(&current, current.attempts++ > 0);
  Close(&current);
}

void ResumeRequest() {
  CurrentRequest& current = state->current;
  if (current.active == 0) return;
  if (current.attempts < 2) return DoCurrentRequest();
  Say("a request of type %u faulted twice and is dropped", current.message.type);
  if (current.message.type == kMsgSpawn && FindChild(current.message.key) < 0)
    ReplySpawnFailed(current.message.key, kStagePlan, EFAULT);
  Close(&current);
}

}  // namespace foster::init
