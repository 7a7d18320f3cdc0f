// SPDX-License-Identifier: MIT
// HttpUrl: an http or https address in its parts. Not: fetching, nor anything of an address but what a
// request needs (a fragment is dropped). Called by: logd's sinks, whoever shows or checks a sink's target.
// Invariants: pure; credentials are in no error and in nothing that ToText gives.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace foster {

struct HttpUrl {
  bool is_tls = false;
  std::string host;  // "::1" without brackets
  std::uint16_t port = 80;
  std::string target;       // path and query: "/v1/logs?x=1"; "/" at least
  std::string credentials;  // "user:password", percent signs decoded; empty = none
  bool operator==(const HttpUrl&) const = default;
};

Result<HttpUrl> ParseHttpUrl(std::string_view text);
std::string OriginOf(const HttpUrl& url);  // "http://[::1]:4318"
std::string ToText(const HttpUrl& url);    // origin and target without the query, which may hold a secret
// "host:4318", "[::1]"; the port where it is not the usual one.
std::string HostHeaderOf(const HttpUrl& url);

}  // namespace foster
