// SPDX-License-Identifier: MIT
#include "gateway/http_server.h"

#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "gateway/http_connection.h"

namespace foster {

// What the threads share; each of them holds it, so the last one out frees it.
struct HttpServer::Shared {
  std::vector<HttpEndpoint> endpoints;
  UniqueFd stop;  // an eventfd, readable from Stop on; never read, so every poll sees it
  std::mutex mutex;
  std::condition_variable changed;
  int connections = 0;
  bool accepting = false;

  // True when it was the last one.
  bool Ended() {
    std::lock_guard lock(mutex);
    changed.notify_all();
    return --connections == 0;
  }
};

namespace {

std::string UnixPeer() {
  static std::atomic<std::uint64_t> count{0};
  return "unix:" + std::to_string(++count);
}

HttpPeer PeerOf(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    (void)::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);  // the buffer is large enough
    return {std::string(text) + ":" + std::to_string(ntohs(v4.sin_port)), false};
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    (void)::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);  // as above
    return {"[" + std::string(text) + "]:" + std::to_string(ntohs(v6.sin6_port)), false};
  }
  return {UnixPeer(), true};
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(std::vector<HttpEndpoint> endpoints) {
  auto shared = std::make_shared<Shared>();
  shared->endpoints = std::move(endpoints);
  shared->stop.Reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!shared->stop) return Error::FromErrno("cannot make an eventfd");

  auto accept_one = [](const std::shared_ptr<Shared>& state, const HttpEndpoint& endpoint) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    UniqueFd fd(::accept4(endpoint.fd.get(), reinterpret_cast<sockaddr*>(&address), &length,
                          SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) return errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
    {
      std::lock_guard lock(state->mutex);
      if (state->connections >= kMaxConnections) {
        RefuseConnection(std::move(fd));
        return false;
      }
      ++state->connections;
    }
    int one = 1;
    // Chunks of a followed log are small and must not wait for each other; fails on AF_UNIX, where it is not
    // needed.
    (void)::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    try {
      std::thread([state, handler = endpoint.handler, peer = PeerOf(address), raw = fd.get()] {
        ServeConnection(UniqueFd(raw), state->stop.get(), peer, handler);
        if (state->Ended()) (void)::malloc_trim(0);  // what a crowd needed is not kept for the next one
      }).detach();
      (void)fd.Release();  // the thread owns it now
    } catch (
        const std::system_error&) {  // no thread to be had: this connection is closed, the next may find one
      state->Ended();
      return true;
    }
    return false;
  };

  auto accept_loop = [accept_one](const std::shared_ptr<Shared>& state) {
    std::vector<pollfd> polls;
    for (const auto& endpoint : state->endpoints) polls.push_back({endpoint.fd.get(), POLLIN, 0});
    polls.push_back({state->stop.get(), POLLIN, 0});
    for (;;) {
      int count = ::poll(polls.data(), polls.size(), -1);
      if (count < 0) continue;  // EINTR
      if (polls.back().revents) break;
      bool starved = false;
      for (std::size_t i = 0; i < state->endpoints.size(); ++i)
        if (polls[i].revents) starved |= accept_one(state, state->endpoints[i]);
      // Out of fds, memory or threads the socket stays readable: do not spin on it.
      pollfd stop = polls.back();
      if (starved) (void)::poll(&stop, 1, 100);
    }
    std::lock_guard lock(state->mutex);
    for (auto& endpoint : state->endpoints) endpoint.fd.Reset();
    state->accepting = false;
    state->changed.notify_all();
  };

  shared->accepting = true;
  try {
    std::thread([accept_loop, shared] { accept_loop(shared); }).detach();
  } catch (const std::system_error& error) {
    return Error(std::string("cannot start a thread: ") + error.what());
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(shared)));
}

bool HttpServer::Stop(Millis grace) {
  std::uint64_t one = 1;
  (void)!::write(shared_->stop.get(), &one, sizeof one);  // fails only when it was written already
  std::unique_lock lock(shared_->mutex);
  return shared_->changed.wait_for(lock, grace,
                                   [&] { return shared_->connections == 0 && !shared_->accepting; });
}

HttpServer::~HttpServer() { (void)Stop(Millis(500)); }  // late handlers keep what they use

}  // namespace foster
