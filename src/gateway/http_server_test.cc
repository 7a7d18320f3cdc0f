// SPDX-License-Identifier: MIT
#include "gateway/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "gateway/listen_socket.h"

namespace foster {
namespace {

UniqueFd Connect(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval limit{10, 0};
  REQUIRE(::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
  REQUIRE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

void Send(int fd, std::string_view text) {
  REQUIRE(::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
}

// Reads until `wanted` has come, or the end.
std::string ReadUntil(int fd, std::string_view wanted) {
  std::string text;
  char bytes[4096];
  while (wanted.empty() || text.find(wanted) == std::string::npos) {
    ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
    if (got <= 0) break;
    text.append(bytes, static_cast<std::size_t>(got));
  }
  return text;
}

struct Server {
  explicit Server(HttpHandler handler) {
    Listener listener;
    listener.host = "127.0.0.1";
    auto fd = OpenListener(listener);
    REQUIRE(fd.ok());
    port = BoundPort(fd->get());
    std::vector<HttpEndpoint> endpoints;
    endpoints.push_back({std::move(*fd), std::move(handler)});
    auto started = HttpServer::Start(std::move(endpoints));
    REQUIRE(started.ok());
    server = std::move(*started);
  }
  std::uint16_t port = 0;
  std::unique_ptr<HttpServer> server;
};

HttpResponse Echo(const HttpRequest& request) {
  return TextResponse(200, request.method + " " + request.path);
}

TEST_CASE("a connection is kept for the next request, two at once are answered in order") {
  Server server(Echo);
  UniqueFd fd = Connect(server.port);
  Send(fd.get(), "GET /a HTTP/1.1\r\n\r\n");
  REQUIRE(ReadUntil(fd.get(), "GET /a").starts_with("HTTP/1.1 200 OK\r\n"));
  Send(fd.get(), "GET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\nConnection: close\r\n\r\n");
  std::string rest = ReadUntil(fd.get(), "");
  REQUIRE(rest.find("GET /b") < rest.find("GET /c"));
  REQUIRE(rest.find("Connection: close") != std::string::npos);
}

TEST_CASE("a bad request is answered and the connection ends") {
  Server server(Echo);
  UniqueFd fd = Connect(server.port);
  Send(fd.get(), "nonsense\r\n\r\n");
  REQUIRE(ReadUntil(fd.get(), "").starts_with("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_CASE("HEAD has the length and no body") {
  Server server(Echo);
  UniqueFd fd = Connect(server.port);
  Send(fd.get(), "HEAD /a HTTP/1.1\r\nConnection: close\r\n\r\n");
  std::string reply = ReadUntil(fd.get(), "");
  REQUIRE(reply.find("Content-Length: 7") != std::string::npos);
  REQUIRE(reply.ends_with("\r\n\r\n"));
}

TEST_CASE("a handler that throws costs one request") {
  Server server([](const HttpRequest&) -> HttpResponse { throw std::runtime_error("x"); });
  UniqueFd fd = Connect(server.port);
  Send(fd.get(), "GET / HTTP/1.1\r\n\r\n");
  REQUIRE(ReadUntil(fd.get(), "</body>").starts_with("HTTP/1.1 500 "));
  Send(fd.get(), "GET / HTTP/1.1\r\n\r\n");
  REQUIRE(ReadUntil(fd.get(), "</body>").starts_with("HTTP/1.1 500 "));
}

TEST_CASE("a header of ours never ends its line early") {
  Server server([](const HttpRequest&) { return HttpResponse{303, {{"Location", "/\r\nEvil: 1"}}, "", {}}; });
  UniqueFd fd = Connect(server.port);
  Send(fd.get(), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  REQUIRE(ReadUntil(fd.get(), "").find("\r\nEvil") == std::string::npos);
}

HttpResponse Endless(const HttpRequest&) {
  HttpResponse response;
  response.stream = [](HttpStream& stream) {
    if (!stream.Write("first")) return;
    while (stream.WaitFor(-1, Millis(60'000))) continue;
  };
  return response;
}

TEST_CASE("a stream comes in chunks and ends with the server") {
  Server server(Endless);
  UniqueFd fd = Connect(server.port);
  Send(fd.get(), "GET / HTTP/1.1\r\n\r\n");
  std::string head = ReadUntil(fd.get(), "first\r\n");
  REQUIRE(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  REQUIRE(head.find("\r\n\r\n5\r\nfirst\r\n") != std::string::npos);
  REQUIRE(server.server->Stop(Millis(10'000)));
  REQUIRE(ReadUntil(fd.get(), "").ends_with("0\r\n\r\n"));
}

TEST_CASE("an HTTP/1.0 reader gets its stream without chunks") {
  Server server(Endless);
  UniqueFd fd = Connect(server.port);
  Send(fd.get(), "GET / HTTP/1.0\r\n\r\n");
  REQUIRE(ReadUntil(fd.get(), "first").ends_with("\r\n\r\nfirst"));
}

TEST_CASE("a stream's thread ends when its reader leaves") {
  Server server(Endless);
  {
    UniqueFd fd = Connect(server.port);
    Send(fd.get(), "GET / HTTP/1.1\r\n\r\n");
    ReadUntil(fd.get(), "first");
  }
  REQUIRE(server.server->Stop(Millis(10'000)));
}

TEST_CASE("one connection too many is told so, and there is room again later") {
  Server server(Echo);
  std::vector<UniqueFd> held;
  for (int i = 0; i < kMaxConnections; ++i) {
    held.push_back(Connect(server.port));
    Send(held.back().get(), "GET /x HTTP/1.1\r\n\r\n");
    REQUIRE(ReadUntil(held.back().get(), "GET /x").starts_with("HTTP/1.1 200"));
  }
  UniqueFd extra = Connect(server.port);
  REQUIRE(ReadUntil(extra.get(), "").starts_with("HTTP/1.1 503"));
  held.clear();
  std::string reply;
  for (int i = 0; i < 1000 && !reply.starts_with("HTTP/1.1 200");
       ++i) {  // the threads take a moment to see it
    UniqueFd again = Connect(server.port);
    (void)::send(again.get(), "GET /y HTTP/1.1\r\n\r\n", 19, MSG_NOSIGNAL);
    reply = ReadUntil(again.get(), "GET /y");
  }
  REQUIRE(reply.starts_with("HTTP/1.1 200"));
}

TEST_CASE("a port in use names who has it") {
  Server server(Echo);
  Listener listener;
  listener.host = "127.0.0.1";
  listener.port = server.port;
  auto second = OpenListener(listener);
  REQUIRE_FALSE(second.ok());
  REQUIRE(second.error().message().find("(pid " + std::to_string(::getpid()) + ")") != std::string::npos);
}

TEST_CASE("an AF_UNIX listener has its mode, replaces a dead socket and spares a live one") {
  char directory[] = "/tmp/foster-gateway-XXXXXX";
  REQUIRE(::mkdtemp(directory));
  Listener listener;
  listener.path = std::string(directory) + "/x.sock";
  listener.mode = 0750;
  {
    auto first = OpenListener(listener);
    REQUIRE(first.ok());
    struct stat status {};
    REQUIRE(::stat(listener.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0750);
    CHECK_FALSE(OpenListener(listener).ok());
  }
  CHECK(OpenListener(listener).ok());  // what is left of the first one is stale now
  listener.owner = "no-such-user";
  listener.path += "2";
  CHECK_FALSE(OpenListener(listener).ok());
  CHECK(std::distance(std::filesystem::directory_iterator(directory), {}) == 1);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace foster
