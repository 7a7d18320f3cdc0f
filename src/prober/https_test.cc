// SPDX-License-Identifier: MIT
// Against a TLS server of OpenSSL's in this process, with a certificate that it signed itself a moment ago.
#include "sys/tls_client.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>

#include "prober_rig.h"

namespace foster {
namespace {

struct Certificate {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();

  Certificate() {
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), -3600);  // over already: nobody is to mind
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("else"), -1,
                               -1, 0);
    X509_set_issuer_name(certificate, name);
    REQUIRE(X509_sign(certificate, key, EVP_sha256()) > 0);
  }
  ~Certificate() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
};

TestServer::Serve SaysOverTls(std::string answer) {
  auto own = std::make_shared<Certificate>();
  return [own, answer](int fd) {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, own->certificate);
    SSL_CTX_use_PrivateKey(context, own->key);
    SSL* session = SSL_new(context);
    SSL_set_fd(session, fd);
    char request[512];
    if (SSL_accept(session) == 1 && SSL_read(session, request, sizeof request) > 0)
      SSL_write(session, answer.data(), static_cast<int>(answer.size()));
    SSL_shutdown(session);
    SSL_free(session);
    SSL_CTX_free(context);
    close(fd);
  };
}

Probe Https(std::uint16_t port) {
  Probe probe;
  probe.kind = ProbeKind::kHttp;
  probe.tls = true;
  probe.port = port;
  probe.timeout = Millis(5'000);
  return probe;
}

TEST_CASE("https answers count, whoever signed the certificate") {
  signal(SIGPIPE, SIG_IGN);
  ProberRig rig;
  TestServer fine(SaysOverTls("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  const auto yes = rig.AnswerTo(Https(fine.port()));
  CHECK(yes.text == "200 OK");
  CHECK(yes.ok);
  TestServer sick(SaysOverTls("HTTP/1.1 500 Oops\r\n\r\n"));
  CHECK(rig.AnswerTo(Https(sick.port())).text ==
        "https://" + sick.address() + "/: 500 Oops, wanted 200..399");
  Probe by_name = Https(fine.port());
  by_name.host = "localhost";
  CHECK(rig.AnswerTo(by_name).ok);
}

TEST_CASE("a server without TLS, or one that closes, is told so") {
  signal(SIGPIPE, SIG_IGN);
  ProberRig rig;
  TestServer plain([](int fd) {
    const std::string answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    (void)!send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    char rest[512];
    while (read(fd, rest, sizeof rest) > 0) continue;
    close(fd);
  });
  const auto no = rig.AnswerTo(Https(plain.port()));
  CHECK_FALSE(no.ok);
  CHECK(no.text == "https://" + plain.address() + "/: TLS: wrong version number");
  TestServer closes([](int fd) {
    shutdown(fd, SHUT_WR);
    char rest[512];
    while (read(fd, rest, sizeof rest) > 0) continue;
    close(fd);
  });
  CHECK(rig.AnswerTo(Https(closes.port())).text ==
        "https://" + closes.address() + "/: closed in the TLS handshake");
}

}  // namespace
}  // namespace foster
