// SPDX-License-Identifier: MIT
// TlsClient: TLS over a connected, non-blocking socket. OpenSSL is behind it, in tls_client.cc alone. Not:
// trust: no certificate is checked and old versions are welcome, for what is asked is this very container.
// Called by: http_exchange.cc. Invariants: nothing here waits; the socket is borrowed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace foster {

enum class TlsStep { kDone, kWantRead, kWantWrite, kClosed, kFailed };

class TlsClient {
 public:
  TlsClient(int fd, const std::string& host);  // `host` is named to the server unless it is a number
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  TlsStep Handshake();
  TlsStep Write(std::string_view bytes, std::size_t* written);
  TlsStep Read(char* buffer, std::size_t size, std::size_t* got);
  const std::string& error() const { return error_; }  // after kFailed

 private:
  struct Impl;
  TlsStep StepOf(int result);
  std::unique_ptr<Impl> impl_;
  std::string error_;
};

}  // namespace foster
