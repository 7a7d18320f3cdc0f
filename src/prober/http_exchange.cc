// SPDX-License-Identifier: MIT
#include "prober/http_exchange.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "prober/http_request.h"

namespace foster {

HttpExchange::HttpExchange(int fd, const Probe& probe)
    : fd_(fd), status_min_(probe.status_min), status_max_(probe.status_max) {
  auto request = RequestText(probe);
  if (!request.ok()) {
    (void)Fail(request.error().message());
    return;
  }
  request_ = std::move(*request);
  if (!probe.tls) return;
  tls_ = std::make_unique<TlsClient>(fd, probe.host);
  stage_ = Stage::kHandshake;
}

HttpExchange::Step HttpExchange::Fail(std::string why) {
  text_ = std::move(why);
  stage_ = Stage::kDone;
  return Step::kDone;
}

HttpExchange::Moved HttpExchange::MovedBy(TlsStep step) {
  switch (step) {
    case TlsStep::kDone:
      return Moved::kBytes;
    case TlsStep::kWantRead:
      return Moved::kWantRead;
    case TlsStep::kWantWrite:
      return Moved::kWantWrite;
    case TlsStep::kClosed:
      return Moved::kClosed;
    case TlsStep::kFailed:
      break;
  }
  text_ = tls_->error();
  return Moved::kFailed;
}

HttpExchange::Moved HttpExchange::Handshake() {
  const Moved moved = MovedBy(tls_->Handshake());
  if (moved == Moved::kBytes) stage_ = Stage::kWrite;
  return moved;
}

HttpExchange::Moved HttpExchange::Write() {
  const std::string_view rest = std::string_view(request_).substr(written_);
  std::size_t count = 0;
  Moved moved = Moved::kBytes;
  if (tls_) {
    moved = MovedBy(tls_->Write(rest, &count));
  } else if (const ssize_t sent = send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL); sent >= 0) {
    count = static_cast<std::size_t>(sent);
  } else if (errno == EAGAIN || errno == EINTR) {
    moved = Moved::kWantWrite;
  } else if (errno == EPIPE || errno == ECONNRESET) {
    stage_ = Stage::kRead;  // it may have answered before it closed
  } else {
    text_ = std::strerror(errno);
    moved = Moved::kFailed;
  }
  written_ += count;
  if (written_ == request_.size()) stage_ = Stage::kRead;
  return moved;
}

HttpExchange::Moved HttpExchange::Read() {
  char buffer[4096];
  std::size_t count = 0;
  Moved moved = Moved::kBytes;
  if (tls_) {
    moved = MovedBy(tls_->Read(buffer, sizeof buffer, &count));
  } else if (const ssize_t got = recv(fd_, buffer, sizeof buffer, 0); got >= 0) {
    count = static_cast<std::size_t>(got);
    if (count == 0) moved = Moved::kClosed;
  } else if (errno == EAGAIN || errno == EINTR) {
    moved = Moved::kWantRead;
  } else {
    text_ = std::strerror(errno);
    moved = Moved::kFailed;
  }
  if (count > 0 && answer_.Append({buffer, count}) != HttpAnswer::Progress::kNeedMore) Judge();
  return moved;
}

void HttpExchange::Judge() {
  stage_ = Stage::kDone;
  text_ = answer_.error();
  if (!text_.empty()) return;
  text_ = answer_.status_text();
  ok_ = answer_.status() >= status_min_ && answer_.status() <= status_max_;
  if (!ok_) text_ += ", wanted " + std::to_string(status_min_) + ".." + std::to_string(status_max_);
}

HttpExchange::Step HttpExchange::Advance() {
  while (stage_ != Stage::kDone) {
    Moved moved = Moved::kBytes;
    if (stage_ == Stage::kHandshake) {
      moved = Handshake();
    } else {
      moved = stage_ == Stage::kWrite ? Write() : Read();
    }
    switch (moved) {
      case Moved::kBytes:
        break;
      case Moved::kWantRead:
        return Step::kWantRead;
      case Moved::kWantWrite:
        return Step::kWantWrite;
      case Moved::kClosed:
        if (stage_ == Stage::kHandshake) return Fail("closed in the TLS handshake");
        return Fail(answer_.bytes_seen() == 0 ? "closed without an answer" : "closed in mid-answer");
      case Moved::kFailed:
        return Fail(std::move(text_));
    }
  }
  return Step::kDone;
}

}  // namespace foster
