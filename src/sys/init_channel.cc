// SPDX-License-Identifier: MIT
#include "sys/init_channel.h"

#include <cstdlib>
#include <cstring>

#include "sys/unix_socket.h"

namespace foster {

Message MessageOf(MessageType type) {
  Message message{};
  message.type = type;
  message.version = kInitProtocolVersion;
  return message;
}

void SetName(char (&field)[kMaxNameLength], std::string_view name) {
  std::size_t length = std::min<std::size_t>(name.size(), kMaxNameLength - 1);
  std::memcpy(field, name.data(), length);
  std::memset(field + length, 0, kMaxNameLength - length);
}

std::string_view NameIn(const char (&field)[kMaxNameLength]) {
  return {field, strnlen(field, kMaxNameLength)};
}

ChildKey KeyOf(std::string_view name, std::uint32_t role, std::uint64_t incarnation) {
  ChildKey key{};
  SetName(key.name, name);
  key.role = role;
  key.incarnation = incarnation;
  return key;
}

InitChannel::InitChannel(Loop& loop, UniqueFd socket) : loop_(loop), socket_(std::move(socket)) {}

InitChannel::~InitChannel() { loop_.Unwatch(socket_.get()); }

Result<void> InitChannel::Start(OnMessage on_message, std::function<void()> on_end) {
  on_message_ = std::move(on_message);
  on_end_ = std::move(on_end);
  return loop_.Watch(socket_.get(), kReadable, [this](unsigned ready) { OnReady(ready); });
}

void InitChannel::Send(const Message& message, Prepare prepare) {
  if (queue_.size() >= kMaxQueued) std::abort();
  queue_.push_back({message, std::move(prepare), false, {}});
  Flush();
}

void InitChannel::Flush() {
  if (flushing_) return;  // a prepare() sent something: the outer call goes on with it
  flushing_ = true;
  while (!queue_.empty() && SendNow(&queue_.front())) queue_.pop_front();
  flushing_ = false;
  loop_.Change(socket_.get(), queue_.empty() || stuck_ ? kReadable : kReadable | kWritable);
}

// True: gone (sent or dropped). False: try again when there is room.
bool InitChannel::SendNow(Outgoing* outgoing) {
  stuck_ = false;
  if (!outgoing->prepared) {
    if (outgoing->prepare && !outgoing->prepare(&outgoing->fds)) return true;
    outgoing->prepared = true;
  }
  int fds[kMaxMessageFds];
  std::size_t count = std::min<std::size_t>(outgoing->fds.size(), kMaxMessageFds);
  for (std::size_t i = 0; i < count; ++i) fds[i] = outgoing->fds[i].get();
  std::string_view bytes(reinterpret_cast<const char*>(&outgoing->message), sizeof(Message));
  auto sent = SendPacket(socket_.get(), bytes, std::span<const int>(fds, count));
  if (sent.ok()) return true;
  int code = sent.error().code();
  if (code == EAGAIN) return false;
  if (code == EPIPE || code == ECONNRESET) return true;  // the end shows at the next read
  stuck_ = true;  // ENOBUFS, ENOMEM, ETOOMANYREFS: there is no event that says when it will work
  return false;
}

void InitChannel::OnReady(unsigned ready) {
  if (ready & kWritable) Flush();
  if (ready & kReadable) Receive();
}

void InitChannel::Receive() {
  for (int turn = 0; turn < 256; ++turn) {  // then other fds have their turn
    Message message{};
    Fds fds;
    auto size = ReceivePacket(socket_.get(), reinterpret_cast<char*>(&message), sizeof message, &fds);
    if (!size.ok() && size.error().code() == EAGAIN) return;
    if (!size.ok() || *size == 0) {
      loop_.Unwatch(socket_.get());
      on_end_();
      return;
    }
    if (*size != sizeof message) continue;  // not of this protocol
    message.key.name[kMaxNameLength - 1] = '\0';
    message.store_name[kMaxNameLength - 1] = '\0';
    on_message_(message, std::move(fds));
  }
}

}  // namespace foster
