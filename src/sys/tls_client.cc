// SPDX-License-Identifier: MIT
#include "sys/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "sys/addresses.h"

namespace foster {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};

using Context = std::unique_ptr<SSL_CTX, FreeContext>;

Context NewContext() {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  Context made(SSL_CTX_new(TLS_client_method()));
  if (!made) return made;
  SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return made;
}

// One for the whole process; no file is read for it. Null when there is no memory.
SSL_CTX* TrustingContext() {
  static const Context context = [] {
    Context made = NewContext();
    if (!made) return made;
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_security_level(made.get(), 0);  // short keys and old digests, too
    SSL_CTX_set_min_proto_version(made.get(), TLS1_VERSION);
    return made;
  }();
  return context.get();
}

// OpenSSL was told at its build where authorities are: with Debian's that is right on Debian. A static
// program runs in other images, too.
void LoadAuthorities(SSL_CTX* context) {
  SSL_CTX_set_default_verify_paths(context);
  if (std::getenv("SSL_CERT_FILE") != nullptr || std::getenv("SSL_CERT_DIR") != nullptr) return;
  for (const char* file : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                           "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"}) {
    if (access(file, R_OK) != 0) continue;
    SSL_CTX_load_verify_file(context, file);
    return;
  }
}

Context CheckingContext() {
  Context made = NewContext();
  if (!made) return made;
  SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION);
  LoadAuthorities(made.get());
  return made;
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
  Context context;  // empty: the trusting one
  std::unique_ptr<SSL, FreeSession> session;
};

TlsClient::TlsClient(int fd, const std::string& host, TlsTrust trust) : impl_(std::make_unique<Impl>()) {
  if (trust == TlsTrust::kAuthorities) impl_->context = CheckingContext();
  SSL_CTX* context = trust == TlsTrust::kAnybody ? TrustingContext() : impl_->context.get();
  if (context != nullptr) impl_->session.reset(SSL_new(context));
  SSL* session = impl_->session.get();
  if (session == nullptr || SSL_set_fd(session, fd) != 1) {
    error_ = LastError();
    impl_->session.reset();
    return;
  }
  SSL_set_connect_state(session);
  const bool is_number = NumericAddress(host, 0).has_value();
  if (!is_number) SSL_set_tlsext_host_name(session, host.c_str());
  if (trust == TlsTrust::kAnybody) return;
  // OpenSSL compares numbers with a certificate's addresses, names with its names.
  const bool is_bracketed = is_number && host.front() == '[';
  const std::string bare = is_bracketed ? host.substr(1, host.size() - 2) : host;
  const int is_set = is_number ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), bare.c_str())
                               : SSL_set1_host(session, bare.c_str());
  if (is_set == 1) return;
  error_ = "TLS: no name to compare the certificate with";
  impl_->session.reset();
}

TlsClient::~TlsClient() = default;

bool TlsClient::is_distrusted() const {
  return impl_->session && SSL_get_verify_result(impl_->session.get()) != X509_V_OK &&
         SSL_get_verify_mode(impl_->session.get()) != SSL_VERIFY_NONE;
}

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
      if (is_distrusted())
        error_ =
            std::string("TLS: ") + X509_verify_cert_error_string(SSL_get_verify_result(impl_->session.get()));
      return TlsStep::kFailed;
  }
}

}  // namespace foster
