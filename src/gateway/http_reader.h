// SPDX-License-Identifier: MIT
// HttpReader: bytes of one connection -> requests, one after the other. Boost.Beast's parser is behind it, in
// http_reader.cc alone. Not: a socket. Called by: http_server.cc, the fuzzer.
// Invariants: a header is at most kMaxHeaderBytes, a body at most kMaxBodyBytes; after kBad nothing more is
// read. Quirks that supervisorctl's own log follower needs: an empty Host, CRLF between requests, a raw ':'
// in the path.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http.h"

namespace foster {

inline constexpr std::size_t kMaxHeaderBytes = 16u << 10;
inline constexpr std::size_t kMaxBodyBytes = 1u << 20;

class HttpReader {
 public:
  HttpReader();
  ~HttpReader();
  HttpReader(const HttpReader&) = delete;
  HttpReader& operator=(const HttpReader&) = delete;

  enum class Progress { kNeedMore, kRequest, kBad };
  void Append(std::string_view bytes);
  Progress Next(HttpRequest* request);

  int bad_status() const;  // after kBad: 400, 413 or 431
  // The header of the request being read asks for "100 Continue" before its body; true once per request.
  bool TakeExpectContinue();
  bool in_request() const;  // some of a request has come

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace foster
