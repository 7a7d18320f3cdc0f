// SPDX-License-Identifier: MIT
// TlsClient: TLS over a connected, non-blocking socket. OpenSSL is behind it, in tls_client.cc alone. Called
// by: the prober's http_exchange.cc (trusts anybody: what is asked is this very container),
// http_connection.cc (authorities). Invariants: nothing here waits for the network; the socket is borrowed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace foster {

enum class TlsStep { kDone, kWantRead, kWantWrite, kClosed, kFailed };

enum class TlsTrust {
  kAnybody,      // no certificate is checked, old versions and short keys are welcome
  kAuthorities,  // the certificate is of `host` and signed by an authority that SSL_CERT_FILE, SSL_CERT_DIR
                 // or else the system names; read anew for each client
};

class TlsClient {
 public:
  // `host` is named to the server unless it is a number.
  TlsClient(int fd, const std::string& host, TlsTrust trust = TlsTrust::kAnybody);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  TlsStep Handshake();
  TlsStep Write(std::string_view bytes, std::size_t* written);
  TlsStep Read(char* buffer, std::size_t size, std::size_t* got);
  const std::string& error() const { return error_; }  // after kFailed
  bool is_distrusted() const;                          // after kFailed: because of the certificate

 private:
  struct Impl;
  TlsStep StepOf(int result);
  std::unique_ptr<Impl> impl_;
  std::string error_;
};

}  // namespace foster
