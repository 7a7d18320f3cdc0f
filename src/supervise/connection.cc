// SPDX-License-Identifier: MIT
#include "supervise/connection.h"

#include <sys/socket.h>

#include "sys/unix_socket.h"

namespace foster {

Connection::Connection(Loop& loop, Id id, UniqueFd fd, Access access)
    : loop_(loop), id_(id), fd_(std::move(fd)), access_(access) {}

Connection::~Connection() { loop_.Unwatch(fd_.get()); }

Result<void> Connection::Start(OnLine on_line, OnEnd on_end) {
  on_line_ = std::move(on_line);
  on_end_ = std::move(on_end);
  return loop_.Watch(fd_.get(), kReadable, [this](unsigned ready) { OnReady(ready); });
}

void Connection::Send(std::string_view line) {
  if (ended_) return;
  out_ += line;
  Flush();
  if (unsent() > kMaxUnsent) End();  // it does not read: it connects again and takes a new snapshot
}

void Connection::KeepShort() {
  constexpr int kBytes = 64 * 1024;
  (void)setsockopt(fd_.get(), SOL_SOCKET, SO_SNDBUF, &kBytes,
                   sizeof kBytes);  // else lines wait a little longer
}

void Connection::OnReady(unsigned ready) {
  if (ready & kWritable) Flush();
  if (!ended_ && (ready & kWritable) && out_.empty() && on_room_) on_room_();
  if (!ended_ && (ready & kReadable)) Read();
}

void Connection::Read() {
  char bytes[65536];
  auto size = ReadSome(fd_.get(), bytes, sizeof bytes);
  if (!size.ok() && size.error().code() == EAGAIN) return;
  if (!size.ok() || *size == 0) {
    End();
    return;
  }
  splitter_.Append({bytes, *size});
  std::string line;
  for (auto kind = splitter_.Next(&line); kind != LineSplitter::Kind::kNone && !ended_;
       kind = splitter_.Next(&line))
    on_line_(*this, kind, line);
}

void Connection::Flush() {
  while (sent_ < out_.size()) {
    auto size = WriteSome(fd_.get(), std::string_view(out_).substr(sent_));
    if (!size.ok() && size.error().code() == EAGAIN) break;
    if (!size.ok()) {
      End();
      return;
    }
    sent_ += *size;
  }
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  } else if (sent_ > (1u << 20)) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
  loop_.Change(fd_.get(), out_.empty() ? kReadable : kReadable | kWritable);
}

// The owner deletes us later, when nothing of ours is on the stack.
void Connection::End() {
  if (ended_) return;
  ended_ = true;
  loop_.Unwatch(fd_.get());
  on_end_(id_);
}

}  // namespace foster
