// SPDX-License-Identifier: MIT
// HttpUrl: an http or https address in its parts. Not: fetching, nor anything of an address but what a
// request needs (a fragment is dropped). Called by: logd's sinks, the rules of logs, whoever shows a
// sink's target or a line of a config file. Invariants: pure; credentials are in no error and in nothing that
// the two functions for showing give.
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
// "host:4318", "[::1]"; the port where it is not the usual one.
std::string HostHeaderOf(const HttpUrl& url);

// An address as people may see it: "https://***@h/a?***". One that is none goes through WithoutCredentials.
std::string ShownUrl(std::string_view text);
// Any text with a star for each byte of the credentials and queries of the addresses in it; columns stay.
// What might be a password with odd characters is hidden, too.
std::string WithoutCredentials(std::string_view text);

}  // namespace foster
