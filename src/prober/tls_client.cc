// SPDX-License-Identifier: MIT
#include "prober/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <cstring>

#include "prober/addresses.h"

namespace foster {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};

// One for the whole process; no file is read for it. Null when there is no memory.
SSL_CTX* Context() {
  static const std::unique_ptr<SSL_CTX, FreeContext> context = [] {
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    std::unique_ptr<SSL_CTX, FreeContext> made(SSL_CTX_new(TLS_client_method()));
    if (!made) return made;
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_security_level(made.get(), 0);  // short keys and old digests, too
    SSL_CTX_set_min_proto_version(made.get(), TLS1_VERSION);
    SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return made;
  }();
  return context.get();
}

// What an earlier call left would be taken for this one's.
void Forget() {
  ERR_clear_error();
  errno = 0;
}

std::string LastError() {
  const unsigned long code = ERR_get_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  if (reason != nullptr) return std::string("TLS: ") + reason;
  return "TLS failed";
}

}  // namespace

struct TlsClient::Impl {
  std::unique_ptr<SSL, FreeSession> session;
};

TlsClient::TlsClient(int fd, const std::string& host) : impl_(std::make_unique<Impl>()) {
  if (SSL_CTX* context = Context()) impl_->session.reset(SSL_new(context));
  SSL* session = impl_->session.get();
  if (session == nullptr || SSL_set_fd(session, fd) != 1) {
    error_ = LastError();
    impl_->session.reset();
    return;
  }
  SSL_set_connect_state(session);
  if (!NumericAddress(host, 0)) SSL_set_tlsext_host_name(session, host.c_str());
}

TlsClient::~TlsClient() = default;

TlsStep TlsClient::Handshake() {
  if (!impl_->session) return TlsStep::kFailed;
  Forget();
  return StepOf(SSL_do_handshake(impl_->session.get()));
}

TlsStep TlsClient::Write(std::string_view bytes, std::size_t* written) {
  Forget();
  return StepOf(SSL_write_ex(impl_->session.get(), bytes.data(), bytes.size(), written));
}

TlsStep TlsClient::Read(char* buffer, std::size_t size, std::size_t* got) {
  Forget();
  return StepOf(SSL_read_ex(impl_->session.get(), buffer, size, got));
}

TlsStep TlsClient::StepOf(int result) {
  const int system_error = errno;
  switch (SSL_get_error(impl_->session.get(), result)) {
    case SSL_ERROR_NONE:
      return TlsStep::kDone;
    case SSL_ERROR_WANT_READ:
      return TlsStep::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return TlsStep::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return TlsStep::kClosed;
    case SSL_ERROR_SYSCALL:
      if (system_error == 0) return TlsStep::kClosed;
      error_ = std::strerror(system_error);
      return TlsStep::kFailed;
    default:
      if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return TlsStep::kClosed;
      error_ = LastError();
      return TlsStep::kFailed;
  }
}

}  // namespace foster
