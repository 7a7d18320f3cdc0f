// SPDX-License-Identifier: MIT
// HttpServer: listening sockets -> requests -> handlers -> replies. One thread accepts; each connection has
// one thread, so a handler may block. Not: routing, nor what a request means. Called by: gateway.cc. Bounds:
// kMaxConnections (one more gets 503), 60 s for a whole request and between requests, 60 s for a peer that
// does not read. Invariant: handlers may outlive the server (one that blocks past Stop's grace): they own
// what they use.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "gateway/http.h"

namespace foster {

inline constexpr int kMaxConnections = 128;

struct HttpEndpoint {
  UniqueFd fd;  // listening, non-blocking
  HttpHandler handler;
};

class HttpServer {
 public:
  static Result<std::unique_ptr<HttpServer>> Start(std::vector<HttpEndpoint> endpoints);
  ~HttpServer();  // Stop(500 ms)

  // Accepts no more, ends streams, lets running replies finish within `grace`. True: all are done.
  bool Stop(Millis grace);

 private:
  struct Shared;
  explicit HttpServer(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  std::shared_ptr<Shared> shared_;
};

}  // namespace foster
