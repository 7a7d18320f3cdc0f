// SPDX-License-Identifier: MIT
#include "channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adopt.h"
#include "children.h"
#include "command.h"
#include "fault.h"
#include "say.h"
#include "state.h"
#include "stop.h"
#include "store.h"
#include "supervise.h"
#include "tree.h"

namespace foster::init {
namespace {

bool is_full = false;

// False: not now.
bool Send(const Message& message, const int32_t* fds, uint32_t count) {
  struct iovec bytes = {const_cast<Message*>(&message), sizeof message};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  struct msghdr packet = {};
  packet.msg_iov = &bytes;
  packet.msg_iovlen = 1;
  if (count > 0) {
    packet.msg_control = control;
    packet.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr* rights = CMSG_FIRSTHDR(&packet);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
  }
  if (sendmsg(state->supervise.channel, &packet, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return true;
  if (errno == EAGAIN || errno == EINTR) {
    is_full = true;
  } else if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN) {
    // It is dead or dying: the next one is told. What it has asked for is still read to the end.
    state->reply_pending = 0;
    state->supervise.snapshot = kSnapshotDone;
  } else {
    state->send_again_at = Now() + 50 * kMillisecond;  // no memory: no event says when there is some again
  }
  return false;
}

uint32_t HelloFlagsNow() {
  uint32_t flags = 0;
  if (state->is_pid1 != 0) flags |= kHelloPid1;
  if (state->supervise.safe != 0) flags |= kHelloSafe;
  if (state->command.phase != kCommandNone) flags |= kHelloHasCommand;
  if (state->command.phase == kCommandRunning) flags |= kHelloCommandRunning;
  if (state->stop.phase != kStopNone) flags |= kHelloStopping;
  if (state->reexecs > 0) flags |= kHelloReexeced;
  return flags;
}

Message About(uint32_t type, const Child& child) {
  Message message = EmptyMessage(type);
  message.key = child.key;
  message.pid = child.pid;
  message.child_state = child.state;
  message.status = child.status;
  message.stage = child.stage;
  message.error = child.error;
  message.start_time = child.start_time;
  message.usage = child.usage;
  message.tree_tag = state->tree_tags[&child - state->children];
  message.value = child.state == kChildLingering ? 1 : 0;
  return message;
}

bool SendSnapshotChild(uint32_t index) {
  if (state->key_hash[index] == 0) return true;
  if (!Send(About(kMsgChild, state->children[index]), nullptr, 0)) return false;
  state->tell[index] = 0;  // the snapshot has said it
  return true;
}

bool SendSnapshotEntry(uint32_t index) {
  if (state->store_hash[index] == 0) return true;
  Message message = EmptyMessage(kMsgStoreEntry);
  memcpy(message.store_name, state->store[index].name, kMaxNameLength);
  message.value = StoredCount(static_cast<int>(index));
  return Send(message, nullptr, 0);
}

bool SendHello() {
  Message message = EmptyMessage(kMsgHello);
  message.pid = getpid();
  message.value = HelloFlagsNow();
  return Send(message, nullptr, 0);
}

bool SendSnapshotStep(uint32_t step) {
  if (step < kSnapshotChildren) return SendHello();
  if (step < kSnapshotStore) return SendSnapshotChild(step - kSnapshotChildren);
  if (step < kSnapshotEnd) return SendSnapshotEntry(step - kSnapshotStore);
  return Send(EmptyMessage(kMsgSnapshotEnd), nullptr, 0);
}

bool SendSnapshot() {
  uint32_t& step = state->supervise.snapshot;
  for (; step < kSnapshotDone; ++step)
    if (!SendSnapshotStep(step)) return false;
  return true;
}

bool SendReply() {
  if (state->reply_pending == 0) return true;
  Message& reply = state->reply;
  int32_t fds[2] = {-1, -1};
  uint32_t count = 0;
  if (reply.type == kMsgStoreEntry) {
    int index = FindStored(reply.store_name);
    if (index >= 0) count = StoredCount(index);
    for (uint32_t i = 0; i < count; ++i) fds[i] = state->store[index].fds[i];
    reply.value = count;
  }
  if (!Send(reply, fds, count)) return false;
  state->reply_pending = 0;
  return true;
}

bool TellAbout(uint32_t index) {
  constexpr struct {
    Tell mark;
    MessageType type;
  } kOrder[] = {{kTellSpawned, kMsgSpawned},
                {kTellFailed, kMsgSpawnFailed},
                {kTellExited, kMsgExited},
                {kTellGone, kMsgTreeGone}};
  for (const auto& each : kOrder) {
    if ((state->tell[index] & each.mark) == 0) continue;
    if (!Send(About(each.type, state->children[index]), nullptr, 0)) return false;
    state->tell[index] = static_cast<uint8_t>(state->tell[index] & ~each.mark);
  }
  return true;
}

bool TellChildren() {
  for (uint32_t i = 0; i < state->child_top; ++i)
    if (state->tell[i] != 0 && !TellAbout(i)) return false;
  return true;
}

bool TellContainer() {
  for (int signal = 1; state->signals_to_tell != 0 && signal < 64; ++signal) {
    if ((state->signals_to_tell >> signal & 1) == 0) continue;
    Message message = EmptyMessage(kMsgContainerSignal);
    message.signal = signal;
    if (!Send(message, nullptr, 0)) return false;
    state->signals_to_tell &= ~(uint64_t{1} << signal);
  }
  if (state->command.tell == 0) return true;
  Message message = EmptyMessage(kMsgCommandExited);
  message.status = state->command.status;
  message.pid = state->command.pid;
  if (!Send(message, nullptr, 0)) return false;
  state->command.tell = 0;
  return true;
}

// ---- what supervise asks for, done

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

void AnswerAdopt(const Message& message) {
  int index = FindChild(message.key);
  bool is_taken = index >= 0 && Adopt(index, message.pid, message.start_time);
  Message reply = is_taken ? About(kMsgAdopted, state->children[index]) : EmptyMessage(kMsgAdopted);
  reply.key = message.key;
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
    case kMsgAdopt:
      return AnswerAdopt(message);
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

void DoCurrentRequest() {
  CurrentRequest& current = state->current;
  current.message.key.name[kMaxNameLength - 1] = '\0';
  current.message.store_name[kMaxNameLength - 1] = '\0';
  Do(&current, current.attempts++ > 0);
  Close(&current);
}

// ---- receiving it

void TakeFds(struct msghdr* packet, CurrentRequest* current) {
  for (struct cmsghdr* part = CMSG_FIRSTHDR(packet); part != nullptr; part = CMSG_NXTHDR(packet, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    current->fd_count = static_cast<uint32_t>((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    if (current->fd_count > kMaxMessageFds) current->fd_count = kMaxMessageFds;
    memcpy(current->fds, CMSG_DATA(part), current->fd_count * sizeof(int));
  }
  // Some were cut off for want of room in our table: those that came are of no use alone.
  if ((packet->msg_flags & MSG_CTRUNC) == 0) return;
  for (uint32_t i = 0; i < current->fd_count; ++i) close(current->fds[i]);
  current->fd_count = 0;
}

// False: nothing there, or the end.
bool ReadRequest() {
  CurrentRequest& current = state->current;
  struct iovec bytes = {&current.message, sizeof current.message};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxMessageFds * sizeof(int))];
  struct msghdr packet = {};
  packet.msg_iov = &bytes;
  packet.msg_iovlen = 1;
  packet.msg_control = control;
  packet.msg_controllen = sizeof control;
  ssize_t got = recvmsg(state->supervise.channel, &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return errno == EINTR || errno == ECONNRESET;  // a reset is told once, before the data
  if (got == 0) {
    SuperviseIsDeaf();
    return false;
  }
  current.fd_count = 0;
  TakeFds(&packet, &current);
  current.attempts = 0;
  current.active = 1;
  if (got != static_cast<ssize_t>(sizeof(Message)) || (packet.msg_flags & MSG_TRUNC) != 0)
    current.message.type = 0;  // not of this protocol: only its fds are closed
  DoCurrentRequest();
  return true;
}

}  // namespace

Message EmptyMessage(uint32_t type) {
  Message message = {};
  message.type = type;
  message.version = kInitProtocolVersion;
  return message;
}

void Reply(const Message& message) {
  state->reply = message;
  state->reply_pending = 1;
}

void ReplySpawnFailed(const ChildKey& key, SpawnStage stage, int error) {
  Message message = EmptyMessage(kMsgSpawnFailed);
  message.key = key;
  message.stage = stage;
  message.error = error;
  message.child_state = kChildFailed;
  Reply(message);
}

void FlushChannel() {
  is_full = false;
  state->send_again_at = 0;
  if (state->supervise.channel < 0) return;
  (void)(SendSnapshot() && SendReply() && TellChildren() && TellContainer());
}

bool WantsToWrite() { return is_full; }

bool MayRead() { return state->reply_pending == 0 && state->supervise.snapshot == kSnapshotDone; }

void ReadChannel(uint32_t limit) {
  for (uint32_t i = 0; state->supervise.channel >= 0; ++i) {
    if (limit > 0 && i == limit) return;
    // The last words of a dead supervise are heard to the end: nobody waits for their replies.
    if (!MayRead() && limit > 0) return;
    if (!ReadRequest()) return;
    if (limit > 0 && state->reply_pending != 0) (void)SendReply();
  }
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
