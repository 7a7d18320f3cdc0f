// SPDX-License-Identifier: MIT
// Against servers in a thread of this process: what they say, when they close, whom they are signed by.
#include "sys/http_connection.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <thread>

#include "sys/clock.h"

namespace foster {
namespace {

// Hands each connection to `serve`, one after the other.
class Server {
 public:
  explicit Server(std::function<void(int)> serve) : serve_(std::move(serve)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener_.get(), 16) == 0);
    REQUIRE(getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (;;) {
        pollfd fds[] = {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
        if (poll(fds, 2, -1) < 0 || fds[1].revents != 0) return;
        const UniqueFd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        ++connections;
        serve_(fd.get());
      }
    });
  }
  ~Server() {
    const std::uint64_t one = 1;
    (void)!write(stop_.get(), &one, sizeof one);
    thread_.join();
  }
  HttpUrl url(bool is_tls = false) const { return {is_tls, "127.0.0.1", port, "/", ""}; }

  std::uint16_t port = 0;
  std::atomic<int> connections{0};

 private:
  std::function<void(int)> serve_;
  UniqueFd listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  UniqueFd stop_{eventfd(0, EFD_CLOEXEC)};
  std::thread thread_;
};

// The next request, its body included; "" at the end.
std::string ReadRequest(int fd) {
  std::string text;
  char c = 0;
  while (text.find("\r\n\r\n") == std::string::npos) {
    if (read(fd, &c, 1) != 1) return "";
    text.push_back(c);
  }
  std::size_t length = std::strtoul(text.c_str() + text.find("Content-Length: ") + 16, nullptr, 10);
  for (; length > 0 && read(fd, &c, 1) == 1; --length) text.push_back(c);
  return text;
}

void Say(int fd, const std::string& text) { (void)!send(fd, text.data(), text.size(), MSG_NOSIGNAL); }

const std::string kFine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
constexpr HttpConnection::Limits kShort{Millis(5'000), Millis(300)};

TEST_CASE("one connection serves many requests") {
  std::vector<std::string> seen;
  Server server([&](int fd) {
    for (std::string request; !(request = ReadRequest(fd)).empty(); Say(fd, kFine)) seen.push_back(request);
  });
  {
    HttpConnection connection(server.url());
    for (int i = 0; i < 3; ++i) {
      const auto reply = connection.Post("/p?q=1", "X-One: 1\r\n", "body" + std::to_string(i), {});
      REQUIRE(reply.ok());
      CHECK(reply.value().status == 200);
      CHECK(reply.value().body == "ok");
    }
    CHECK(server.connections == 1);
  }
  REQUIRE(seen.size() == 3);
  CHECK(seen[2] == "POST /p?q=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port) +
                       "\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nbody2");
}

TEST_CASE("a kept connection that was closed meanwhile is made anew") {
  Server server([&](int fd) {
    if (!ReadRequest(fd).empty()) Say(fd, kFine);
  });
  HttpConnection connection(server.url());
  for (int i = 0; i < 5; ++i) CHECK(connection.Post("/", "", "x", {}).ok());
  CHECK(server.connections == 5);
}

TEST_CASE("an early no is heard although the body was not read") {
  Server server([](int fd) {
    Say(fd, "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    shutdown(fd, SHUT_WR);
    char rest[4096];
    while (read(fd, rest, sizeof rest) > 0) continue;
  });
  HttpConnection connection(server.url());
  const auto reply = connection.Post("/", "", std::string(8u << 20, 'x'), {});
  REQUIRE(reply.ok());
  CHECK(reply.value().status == 413);
  CHECK_FALSE(connection.is_open());
}

TEST_CASE("what goes wrong is told by its code") {
  const auto code_of = [](std::function<void(int)> serve) {
    Server server(std::move(serve));
    HttpConnection connection(server.url());
    const auto reply = connection.Post("/", "", "x", kShort);
    CHECK_FALSE(connection.is_open());
    return reply.ok() ? 0 : reply.error().code();
  };
  CHECK(code_of([](int) {}) == ECONNRESET);
  CHECK(code_of([](int fd) {
          ReadRequest(fd);
          Say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal");
        }) == ECONNRESET);
  CHECK(code_of([](int fd) {
          ReadRequest(fd);
          Say(fd, "what?\r\n\r\n");
        }) == EPROTO);
  const MonoTime began = MonoNow();
  CHECK(code_of([](int fd) {
          char rest[64];
          while (read(fd, rest, sizeof rest) > 0) continue;
        }) == ETIMEDOUT);
  CHECK(MonoNow() - began >= Millis(300));
  HttpConnection nobody({false, "127.0.0.1", 1, "/", ""});
  CHECK(nobody.Post("/", "", "", {}).error().code() == ECONNREFUSED);
  HttpConnection unknown({false, "no-such-host.invalid", 80, "/", ""});
  CHECK(unknown.Post("/", "", "", {}).error().code() == EHOSTUNREACH);
}

// A certificate that signs itself, for `name` ("IP:127.0.0.1", "DNS:localhost").
struct Authority {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  std::string file = "/tmp/foster-ca-" + std::to_string(getpid()) + ".pem";

  explicit Authority(const char* name) {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("own"), -1,
                               -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name);
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    REQUIRE(X509_sign(certificate, key, EVP_sha256()) > 0);
    FILE* out = fopen(file.c_str(), "we");
    REQUIRE(PEM_write_X509(out, certificate) == 1);
    fclose(out);
  }
  ~Authority() {
    X509_free(certificate);
    EVP_PKEY_free(key);
    remove(file.c_str());
  }
  void Serve(int fd) const {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    SSL* session = SSL_new(context);
    SSL_set_fd(session, fd);
    char request[4096];
    if (SSL_accept(session) == 1)
      while (SSL_read(session, request, sizeof request) > 0)
        SSL_write(session, kFine.data(), static_cast<int>(kFine.size()));
    SSL_free(session);
    SSL_CTX_free(context);
  }
};

int CodeOverTls(const char* name, bool is_trusted) {
  signal(SIGPIPE, SIG_IGN);
  const Authority authority(name);
  setenv("SSL_CERT_FILE", is_trusted ? authority.file.c_str() : "/dev/null", 1);
  setenv("SSL_CERT_DIR", "/nonexistent", 1);
  Server server([&](int fd) { authority.Serve(fd); });
  HttpConnection connection(server.url(true));
  const auto reply = connection.Post("/", "", "x", {});
  unsetenv("SSL_CERT_FILE");
  unsetenv("SSL_CERT_DIR");
  if (!reply.ok()) return reply.error().code();
  CHECK(connection.Post("/", "", "x", {}).ok());
  CHECK(server.connections == 1);
  return 0;
}

TEST_CASE("a certificate counts only for its name and with its authority") {
  CHECK(CodeOverTls("IP:127.0.0.1", true) == 0);
  CHECK(CodeOverTls("IP:127.0.0.1", false) == EKEYREJECTED);
  CHECK(CodeOverTls("IP:127.0.0.2", true) == EKEYREJECTED);
  CHECK(CodeOverTls("DNS:localhost", true) == EKEYREJECTED);
}

TEST_CASE("a server without TLS is told apart") {
  Server server([](int fd) {
    Say(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
    char rest[512];
    while (read(fd, rest, sizeof rest) > 0) continue;
  });
  HttpConnection connection(server.url(true));
  CHECK(connection.Post("/", "", "x", {}).error().code() == EPROTO);
}

}  // namespace
}  // namespace foster
