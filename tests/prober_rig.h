// SPDX-License-Identifier: MIT
// For the tests of the prober: a server in a thread, a log table that is written as logd does, and requests
// that are answered by the loop in this thread. Called by: src/prober/*_test.cc.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "prober/requests.h"
#include "sys/clock.h"

namespace foster {

// Listens on port 0 and hands each connection to `serve`, which may keep or close it.
class TestServer {
 public:
  using Serve = std::function<void(int fd)>;
  explicit TestServer(Serve serve, int family = AF_INET) : serve_(std::move(serve)) {
    listener_.Reset(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage address{};
    address.ss_family = static_cast<sa_family_t>(family);
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
    if (family == AF_INET) v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (family == AF_INET6) v6->sin6_addr = in6addr_loopback;
    socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    REQUIRE(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener_.get(), 16) == 0);
    REQUIRE(getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(v4->sin_port);  // at the same place in both
    thread_ = std::thread([this] { Run(); });
  }
  ~TestServer() {
    const std::uint64_t one = 1;
    (void)!write(stop_.get(), &one, sizeof one);
    thread_.join();
  }
  std::uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // Reads the head of a request, says `answer`, closes.
  static Serve Says(std::string answer, std::string* request = nullptr) {
    return [answer, request](int fd) {
      const std::string head = ReadHead(fd);
      if (request) *request = head;
      (void)!send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
      shutdown(fd, SHUT_WR);
      char rest[512];  // until the other side has closed: an early close would be a reset
      while (read(fd, rest, sizeof rest) > 0) continue;
      close(fd);
    };
  }
  static std::string ReadHead(int fd) {
    std::string head;
    char c = 0;
    while (head.find("\r\n\r\n") == std::string::npos && read(fd, &c, 1) == 1) head.push_back(c);
    return head;
  }

 private:
  void Run() {
    for (;;) {
      pollfd fds[] = {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      if (poll(fds, 2, -1) < 0 || fds[1].revents != 0) return;
      const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) serve_(fd);
    }
  }

  Serve serve_;
  UniqueFd listener_;
  UniqueFd stop_{eventfd(0, EFD_CLOEXEC)};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// Writes as logd does, without the index: the prober looks at bytes alone.
struct LogWriter {
  std::shared_ptr<LogTable> table = std::make_shared<LogTable>(std::move(LogTable::Create().value()));
  int slot = table->Allocate("web");
  std::uint64_t incarnation = 0;
  LogWriter() { Begin(1); }

  // As supervise does it before a spawn. `waiting`: what the life before has left in its first pipe.
  void Begin(std::uint64_t next, const std::string& waiting = "") {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const UniqueFd out(ends[0]);
    const UniqueFd in(ends[1]);
    REQUIRE(write(ends[1], waiting.data(), waiting.size()) == static_cast<ssize_t>(waiting.size()));
    incarnation = next;
    table->BeginIncarnation(slot, next, {ends[0], -1});
  }

  void Write(std::uint32_t stream, const std::string& text) {
    LogSlot& entry = table->header().slots[slot];
    LogStream& s = entry.streams[stream];
    REQUIRE(pwrite(table->arena_fd(), text.data(), text.size(), s.write_at) ==
            static_cast<ssize_t>(text.size()));
    s.write_at += static_cast<std::int64_t>(text.size());
    const std::uint64_t end = Written(s, static_cast<std::uint32_t>(slot), stream);
    s.indexed.store(end);
  }
};

// Asks, and runs the loop until the answers are there.
struct ProberRig {
  explicit ProberRig(std::shared_ptr<const LogTable> logs = nullptr, std::size_t threads = 4)
      : workers(loop, threads, Millis(10'000)),
        requests(loop, deadlines, workers, std::move(logs), [this](ProberAnswer answer) {
          order.push_back(answer.id);
          answers[answer.id] = std::move(answer);
          if (is_running && answers.size() >= wanted) loop.Stop();
        }) {}

  std::uint64_t Ask(ProberRequest request) {
    request.id = ++last_id;
    requests.On(request);
    return last_id;
  }
  std::uint64_t Ask(Probe probe, TreeId tree = {}) {
    ProberRequest request;
    request.probe = std::move(probe);
    request.tree = std::move(tree);
    return Ask(std::move(request));
  }
  // Until `count` answers are there, or the limit has passed.
  void Run(std::size_t count, Millis limit = Millis(20'000)) {
    wanted = count;
    if (answers.size() >= wanted) return;
    const auto key = deadlines.Add(MonoNow() + limit, [this] { loop.Stop(); });
    is_running = true;
    loop.Run();
    is_running = false;
    deadlines.Remove(key);
  }
  ProberAnswer AnswerTo(ProberRequest request) {
    const std::size_t count = answers.size() + 1;
    const std::uint64_t id = Ask(std::move(request));
    Run(count);
    REQUIRE(answers.count(id) == 1);
    return answers[id];
  }
  ProberAnswer AnswerTo(Probe probe, TreeId tree = {}) {
    ProberRequest request;
    request.probe = std::move(probe);
    request.tree = std::move(tree);
    return AnswerTo(std::move(request));
  }
  void LogGrew() {
    ProberRequest request;
    request.verb = ProberVerb::kLogGrew;
    requests.On(request);
  }

  Loop loop;
  Deadlines deadlines{loop};
  Workers workers;
  std::map<std::uint64_t, ProberAnswer> answers;
  std::vector<std::uint64_t> order;
  std::size_t wanted = 1;
  bool is_running = false;  // a Stop() before Run() would be kept for it
  std::uint64_t last_id = 0;
  ProberRequests requests;
};

}  // namespace foster
