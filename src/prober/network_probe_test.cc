// SPDX-License-Identifier: MIT
#include "prober/network_probe.h"

#include <catch2/catch.hpp>

#include "prober_rig.h"

namespace foster {
namespace {

Probe Tcp(std::uint16_t port, const std::string& host = "127.0.0.1") {
  Probe probe;
  probe.kind = ProbeKind::kTcp;
  probe.host = host;
  probe.port = port;
  probe.timeout = Millis(5'000);
  return probe;
}

Probe Http(std::uint16_t port, const std::string& path = "/health") {
  Probe probe = Tcp(port);
  probe.kind = ProbeKind::kHttp;
  probe.path = path;
  return probe;
}

// Of a socket that listened a moment ago.
std::uint16_t FreePort() {
  return TestServer([](int fd) { close(fd); }).port();
}

TEST_CASE("a TCP probe says whether somebody accepts") {
  ProberRig rig;
  TestServer server([](int fd) { close(fd); });
  const auto yes = rig.AnswerTo(Tcp(server.port()));
  CHECK(yes.ok);
  CHECK(yes.text == server.address() + " accepts connections");
  const std::uint16_t closed = FreePort();
  const auto no = rig.AnswerTo(Tcp(closed));
  CHECK_FALSE(no.ok);
  CHECK(no.text == "connect 127.0.0.1:" + std::to_string(closed) + ": Connection refused");
}

TEST_CASE("names and IPv6 work as well") {
  ProberRig rig;
  TestServer v4([](int fd) { close(fd); });
  TestServer v6([](int fd) { close(fd); }, AF_INET6);
  CHECK(rig.AnswerTo(Tcp(v4.port(), "localhost")).ok);
  const auto answer = rig.AnswerTo(Tcp(v6.port(), "::1"));
  CHECK(answer.ok);
  CHECK(answer.text == "[::1]:" + std::to_string(v6.port()) + " accepts connections");
  CHECK(rig.AnswerTo(Tcp(v6.port(), "[::1]")).ok);
  const auto nowhere = rig.AnswerTo(Tcp(80, "no-such-host.invalid"));
  CHECK_FALSE(nowhere.ok);
  CHECK(nowhere.text.substr(0, 29) == "lookup no-such-host.invalid: ");
}

TEST_CASE("the status decides, and the request is as it was asked for") {
  ProberRig rig;
  std::string request;
  TestServer fine(TestServer::Says("HTTP/1.1 204 No Content\r\n\r\n", &request));
  Probe probe = Http(fine.port(), "/a b");
  probe.method = "HEAD";
  probe.headers = {"X-Key: 1", "user-agent: curl"};
  const auto yes = rig.AnswerTo(probe);
  CHECK(yes.ok);
  CHECK(yes.text == "204 No Content");
  CHECK(request == "HEAD /a%20b HTTP/1.1\r\nHost: " + fine.address() +
                       "\r\nAccept: */*\r\nConnection: close\r\nX-Key: 1\r\nuser-agent: curl\r\n\r\n");

  TestServer down(TestServer::Says("HTTP/1.0 503 Service Unavailable\r\nContent-Length: 9\r\n\r\nno"));
  const auto no = rig.AnswerTo(Http(down.port()));
  CHECK_FALSE(no.ok);
  CHECK(no.text == "http://" + down.address() + "/health: 503 Service Unavailable, wanted 200..399");
}

TEST_CASE("a redirect is an answer like any other") {
  ProberRig rig;
  TestServer server(TestServer::Says("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n"));
  Probe probe = Http(server.port());
  CHECK(rig.AnswerTo(probe).text == "302 Found");
  probe.status_max = 299;
  CHECK_FALSE(rig.AnswerTo(probe).ok);
}

std::string Says(const std::string& answer) {
  ProberRig rig;
  TestServer server(TestServer::Says(answer));
  const auto said = rig.AnswerTo(Http(server.port()));
  CHECK_FALSE(said.ok);
  const std::string url = "http://" + server.address() + "/health: ";
  REQUIRE(said.text.substr(0, url.size()) == url);
  return said.text.substr(url.size());
}

TEST_CASE("answers that are none are told apart") {
  CHECK(Says("") == "closed without an answer");
  CHECK(Says("HTTP/1.1 200 OK\r\nServ") == "closed in mid-answer");
  CHECK(Says("SSH-2.0-OpenSSH_9.2\r\n") == "not an HTTP answer");
  CHECK(Says("HTTP/1.1 200 OK\r\nX: " + std::string(1u << 20, 'x')) ==
        "the header of the answer is over 64 KiB");
}

TEST_CASE("a server that never answers costs its own probe the time, nobody else's") {
  ProberRig rig;
  std::vector<UniqueFd> kept;
  TestServer silent([&kept](int fd) { kept.emplace_back(fd); });
  TestServer fine(TestServer::Says("HTTP/1.1 200 OK\r\n\r\n"));
  Probe slow = Http(silent.port());
  slow.timeout = Millis(300);
  const auto first = rig.Ask(slow);
  const auto second = rig.Ask(Http(fine.port()));
  rig.Run(2);
  CHECK(rig.order == std::vector<std::uint64_t>{second, first});
  CHECK(rig.answers[second].ok);
  CHECK_FALSE(rig.answers[first].ok);
  CHECK(rig.answers[first].text == "http://" + silent.address() + "/health: no answer within 300 ms");
}

TEST_CASE("what HTTP cannot carry is not sent") {
  ProberRig rig;
  int connections = 0;
  TestServer server([&connections](int fd) {
    ++connections;
    char byte = 0;
    CHECK(read(fd, &byte, 1) == 0);
    close(fd);
  });
  Probe probe = Http(server.port());
  probe.headers = {"X: a\r\nEvil: b"};
  CHECK(rig.AnswerTo(probe).text ==
        "http://" + server.address() + "/health: cannot send the header 'X: a\r\nEvil: b'");
}

TEST_CASE("a cancelled probe is not answered") {
  ProberRig rig;
  std::vector<UniqueFd> kept;
  TestServer silent([&kept](int fd) { kept.emplace_back(fd); });
  ProberRequest cancel;
  cancel.id = rig.Ask(Http(silent.port()));
  cancel.verb = ProberVerb::kCancel;
  rig.requests.On(cancel);
  CHECK(rig.requests.waiting() == 0);
  TestServer fine([](int fd) { close(fd); });
  CHECK(rig.AnswerTo(Tcp(fine.port())).ok);
  CHECK(rig.answers.count(cancel.id) == 0);
}

}  // namespace
}  // namespace foster
