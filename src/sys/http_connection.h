// SPDX-License-Identifier: MIT
// HttpConnection: one server, asked by POST, over a connection that is kept for the next time; http or https
// with the certificate checked. Not: a loop's (it waits), nor trying again later (logd/http_push.h), nor
// following redirects. Called by: logd's forwarders, each on a thread that nobody waits for. Invariants:
// every wait has an end; an answer is read up to HttpAnswer's bound; errors name no credentials; the name is
// looked up anew for each connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/time.h"
#include "model/http_url.h"
#include "sys/addresses.h"
#include "sys/http_answer.h"
#include "sys/tls_client.h"

namespace foster {

class HttpConnection {
 public:
  struct Limits {
    Millis connect{5'000};  // until a connection stands, TLS included
    Millis answer{10'000};  // sending without progress; the whole answer
  };
  struct Reply {
    unsigned status = 0;
    std::string retry_after;
    std::string body;
  };

  explicit HttpConnection(HttpUrl url) : url_(std::move(url)) {}

  // `headers`: whole lines with "\r\n". Error::code(): ETIMEDOUT, ECONNREFUSED, EHOSTUNREACH (no such name),
  // EKEYREJECTED (the certificate), EPROTO (not HTTP or TLS), ECONNRESET (closed before the answer) ...
  Result<Reply> Post(std::string_view target, std::string_view headers, std::string_view body,
                     const Limits& limits);
  bool is_open() const { return static_cast<bool>(fd_); }
  void Close();

 private:
  struct Moved {
    TlsStep step;
    std::size_t count;
  };
  Result<void> Connect(Millis limit);
  Result<void> ConnectTo(const SocketAddress& address, MonoTime deadline);
  Result<void> Handshake(MonoTime deadline);
  Result<Reply> Exchange(std::string_view request, std::string_view body, Millis limit);
  Result<void> Send(std::string_view bytes, Millis limit, HttpAnswer* answer);
  Result<void> Receive(HttpAnswer* answer, Millis limit);
  Result<void> TakeWhatCame(HttpAnswer* answer);
  Moved Write(std::string_view bytes);
  Moved Read(char* buffer, std::size_t size);
  Error FailureOf(const char* what) const;

  HttpUrl url_;
  UniqueFd fd_;
  std::unique_ptr<TlsClient> tls_;
  bool heard_ = false;  // a byte of the answer under way has come
  bool ended_ = false;  // the other side has closed
};

}  // namespace foster
