// SPDX-License-Identifier: MIT
#include "sys/http_connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "sys/client_socket.h"
#include "sys/clock.h"

namespace foster {
namespace {

constexpr std::size_t kReadStep = 16 * 1024;

Error TimedOut(const char* what) { return Error(std::string(what) + ": no answer in time", ETIMEDOUT); }

// Waits for what a step needs. Signals do not shorten it.
Result<unsigned> Wait(int fd, unsigned bits, MonoTime deadline, const char* what) {
  for (;;) {
    FOSTER_ASSIGN(const unsigned ready, WaitFor(fd, bits, deadline));
    if (ready != 0) return ready;
    if (MonoNow() >= deadline) return TimedOut(what);
  }
}

}  // namespace

void HttpConnection::Close() {
  tls_.reset();
  fd_.Reset();
}

Error HttpConnection::FailureOf(const char* what) const {
  if (!tls_) return Error::FromErrno(what);
  const int code = tls_->is_distrusted() ? EKEYREJECTED : EPROTO;
  return Error(std::string(what) + ": " + tls_->error(), code);
}

Result<void> HttpConnection::ConnectTo(const SocketAddress& address, MonoTime deadline) {
  fd_.Reset(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return Error::FromErrno("cannot make a socket");
  const int on = 1;
  (void)setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // only slower without
  const auto* where = reinterpret_cast<const sockaddr*>(&address.storage);
  if (connect(fd_.get(), where, address.size) == 0) return Ok();
  if (errno != EINPROGRESS) return Error::FromErrno("cannot connect to " + ToText(address));
  FOSTER_ASSIGN([[maybe_unused]] const unsigned ready,
                Wait(fd_.get(), kWaitWrite, deadline, "cannot connect"));
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return Error::FromErrno("cannot connect to " + ToText(address), error);
  return Ok();
}

// One address after the other, each with its share of the time: the first may be one that swallows packets.
Result<void> HttpConnection::Connect(Millis limit) {
  Close();
  auto addresses = AddressesOf(url_.host, url_.port);
  if (!addresses.ok()) return Error(addresses.error().message(), EHOSTUNREACH);
  const MonoTime end = MonoNow() + limit;
  Result<void> done = Ok();
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    const auto left = static_cast<int>(addresses->size() - i);
    const MonoTime now = MonoNow();
    done = ConnectTo((*addresses)[i], now + std::max(end - now, Millis(0)) / left);
    if (done.ok() && url_.is_tls) done = Handshake(end);
    if (done.ok()) return done;
    Close();
  }
  return done;
}

Result<void> HttpConnection::Handshake(MonoTime deadline) {
  tls_ = std::make_unique<TlsClient>(fd_.get(), url_.host, TlsTrust::kAuthorities);
  for (;;) {
    const TlsStep step = tls_->Handshake();
    if (step == TlsStep::kDone) return Ok();
    if (step == TlsStep::kFailed) return FailureOf("cannot agree on TLS");
    if (step == TlsStep::kClosed) return Error("cannot agree on TLS: closed in the handshake", EPROTO);
    const unsigned bits = step == TlsStep::kWantRead ? kWaitRead : kWaitWrite;
    FOSTER_ASSIGN([[maybe_unused]] const unsigned ready,
                  Wait(fd_.get(), bits, deadline, "cannot agree on TLS"));
  }
}

HttpConnection::Moved HttpConnection::Write(std::string_view bytes) {
  Moved moved{TlsStep::kDone, 0};
  if (tls_) {
    moved.step = tls_->Write(bytes, &moved.count);
    return moved;
  }
  const ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    moved.count = static_cast<std::size_t>(sent);
  } else {
    moved.step = errno == EAGAIN || errno == EINTR ? TlsStep::kWantWrite : TlsStep::kFailed;
  }
  return moved;
}

HttpConnection::Moved HttpConnection::Read(char* buffer, std::size_t size) {
  Moved moved{TlsStep::kDone, 0};
  if (tls_) {
    moved.step = tls_->Read(buffer, size, &moved.count);
    return moved;
  }
  const ssize_t got = recv(fd_.get(), buffer, size, 0);
  if (got > 0) {
    moved.count = static_cast<std::size_t>(got);
  } else if (got == 0) {
    moved.step = TlsStep::kClosed;
  } else {
    moved.step = errno == EAGAIN || errno == EINTR ? TlsStep::kWantRead : TlsStep::kFailed;
  }
  return moved;
}

// Reads until nothing is there, the answer is whole, or the other side has closed.
Result<void> HttpConnection::TakeWhatCame(HttpAnswer* answer) {
  char buffer[kReadStep];
  for (;;) {
    const Moved moved = Read(buffer, sizeof buffer);
    heard_ |= moved.count > 0;
    if (moved.step == TlsStep::kWantRead || moved.step == TlsStep::kWantWrite) return Ok();
    if (moved.step == TlsStep::kFailed) return FailureOf("cannot read the answer");
    ended_ = moved.step == TlsStep::kClosed;
    const auto progress = ended_ ? answer->Close() : answer->Append({buffer, moved.count});
    if (progress == HttpAnswer::Progress::kBad)
      return Error("cannot read the answer: " + answer->error(), EPROTO);
    if (ended_ || progress == HttpAnswer::Progress::kDone) return Ok();
  }
}

// Ends early, and well, when the server has answered or closed before it has read everything.
Result<void> HttpConnection::Send(std::string_view bytes, Millis limit, HttpAnswer* answer) {
  while (!bytes.empty() && answer->Append({}) == HttpAnswer::Progress::kNeedMore && !ended_) {
    const Moved moved = Write(bytes);
    bytes.remove_prefix(moved.count);
    if (moved.step == TlsStep::kDone) continue;
    if (moved.step == TlsStep::kFailed || moved.step == TlsStep::kClosed) return TakeWhatCame(answer);
    const unsigned bits = kWaitRead | (moved.step == TlsStep::kWantWrite ? kWaitWrite : 0U);
    FOSTER_ASSIGN(const unsigned ready, Wait(fd_.get(), bits, MonoNow() + limit, "cannot send"));
    if ((ready & kWaitRead) != 0) FOSTER_TRY(TakeWhatCame(answer));
  }
  return Ok();
}

Result<void> HttpConnection::Receive(HttpAnswer* answer, Millis limit) {
  const MonoTime end = MonoNow() + limit;
  // What decides is Append, which says the same again once it is done.
  while (answer->Append({}) == HttpAnswer::Progress::kNeedMore) {
    if (ended_) {
      return Error(heard_ ? "cannot read the answer: closed in mid-answer" : "cannot read the answer: closed",
                   ECONNRESET);
    }
    FOSTER_TRY(TakeWhatCame(answer));
    if (ended_ || answer->Append({}) != HttpAnswer::Progress::kNeedMore) continue;
    FOSTER_ASSIGN([[maybe_unused]] const unsigned ready,
                  Wait(fd_.get(), kWaitRead, end, "cannot read the answer"));
  }
  return Ok();
}

Result<HttpConnection::Reply> HttpConnection::Exchange(std::string_view request, std::string_view body,
                                                       Millis limit) {
  heard_ = false;
  ended_ = false;
  HttpAnswer answer(HttpAnswer::Part::kWhole);
  FOSTER_TRY(Send(request, limit, &answer));
  FOSTER_TRY(Send(body, limit, &answer));
  FOSTER_TRY(Receive(&answer, limit));
  if (ended_ || !answer.keeps_alive()) Close();
  return Reply{answer.status(), answer.retry_after(), answer.body()};
}

Result<HttpConnection::Reply> HttpConnection::Post(std::string_view target, std::string_view headers,
                                                   std::string_view body, const Limits& limits) {
  std::string request = "POST " + std::string(target) + " HTTP/1.1\r\nHost: " + HostHeaderOf(url_) + "\r\n";
  request += headers;
  request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  for (bool is_second = false;; is_second = true) {
    const bool was_open = is_open();
    if (!was_open) FOSTER_TRY(Connect(limits.connect));
    auto reply = Exchange(request, body, limits.answer);
    if (reply.ok()) return reply;
    Close();
    // A kept connection may have been closed while nothing was asked: that is no failure.
    const bool is_stale = was_open && !is_second && !heard_ && reply.error().code() != ETIMEDOUT;
    if (!is_stale) return reply;
  }
}

}  // namespace foster
