// SPDX-License-Identifier: MIT
// ServeConnection: one accepted connection from its first byte to its end, on the caller's thread.
// Called by: http_server.cc. Invariant: returns soon after `stop_fd` is readable, whatever the peer does.
#pragma once

#include <string>

#include "base/unique_fd.h"
#include "gateway/http.h"

namespace foster {

struct HttpPeer {
  std::string name;
  bool is_unix = false;
};

void ServeConnection(UniqueFd fd, int stop_fd, const HttpPeer& peer, const HttpHandler& handler);

// For a connection too many: a 503, without waiting for the request.
void RefuseConnection(UniqueFd fd);

}  // namespace foster
