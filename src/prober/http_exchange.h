// SPDX-License-Identifier: MIT
// HttpExchange: one request and the head of its answer over a connected socket, with or without TLS. Not:
// connecting, nor waiting: Advance() says what to wait for. Called by: network_probe.cc, tests. Invariants:
// the socket is borrowed; ends after kMaxAnswerBytes at the latest.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "foster/probe.h"
#include "sys/http_answer.h"
#include "sys/tls_client.h"

namespace foster {

class HttpExchange {
 public:
  HttpExchange(int fd, const Probe& probe);

  // kDone: ok() and text() say how it went.
  enum class Step { kWantRead, kWantWrite, kDone };
  Step Advance();
  bool ok() const { return ok_; }
  const std::string& text() const { return text_; }  // "200 OK"; else why not

 private:
  enum class Stage { kHandshake, kWrite, kRead, kDone };
  enum class Moved { kBytes, kWantRead, kWantWrite, kClosed, kFailed };
  Moved MovedBy(TlsStep step);
  Moved Handshake();
  Moved Write();
  Moved Read();
  Step Fail(std::string why);
  void Judge();

  int fd_;
  std::uint16_t status_min_;
  std::uint16_t status_max_;
  std::unique_ptr<TlsClient> tls_;
  Stage stage_ = Stage::kWrite;
  std::string request_;
  std::size_t written_ = 0;
  HttpAnswer answer_;
  bool ok_ = false;
  std::string text_;
};

}  // namespace foster
