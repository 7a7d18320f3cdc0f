// SPDX-License-Identifier: MIT
// HttpRequest, HttpResponse and HttpStream: what a handler of a gateway sees of HTTP. Plain values.
// Not: sockets or parsing (http_reader.h, http_server.h). Called by: every resource of the gateways.
// Invariant: `path` is percent-decoded, `raw_path` is not; neither holds the query.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "foster/time.h"

namespace foster {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method;
  std::string raw_path;
  std::string path;
  std::string query;  // behind '?', still encoded
  std::vector<HttpHeader> headers;
  std::string body;
  std::string peer;  // "127.0.0.1:40000", "unix:7"; no two connections have the same
  bool is_unix = false;
  bool is_http_1_0 = false;
  bool keep_alive = true;
  bool has_length = false;  // it named its body's length (or sent it in chunks)

  // The value of a header, "" when there is none; names compare without case.
  const std::string& Header(std::string_view name) const;
  bool HasHeader(std::string_view name) const;
};

// The body of a reply that goes on. Invariant: after a false nothing is written any more.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  // False: the peer is gone, does not read, or the server stops.
  virtual bool Write(std::string_view bytes) = 0;
  // Waits until `fd` is readable or `timeout` passed; false as above.
  virtual bool WaitFor(int fd, Millis timeout) = 0;
};

struct HttpResponse {
  int status = 200;
  std::vector<HttpHeader> headers;
  std::string body;
  std::function<void(HttpStream&)> stream;  // instead of `body`
};

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

std::string_view ReasonOf(int status);
HttpResponse TextResponse(int status, std::string body);
HttpResponse HtmlResponse(int status, std::string body);
// As `Error response` page of stock supervisord.
HttpResponse ErrorPage(int status);

}  // namespace foster
