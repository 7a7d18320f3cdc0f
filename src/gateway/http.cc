// SPDX-License-Identifier: MIT
#include "gateway/http.h"

#include <algorithm>

#include "base/ascii.h"

namespace foster {
namespace {

const std::string kNoHeader;

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

}  // namespace

const std::string& HttpRequest::Header(std::string_view name) const {
  for (const auto& header : headers)
    if (EqualsIgnoringCase(header.name, name)) return header.value;
  return kNoHeader;
}

bool HttpRequest::HasHeader(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const HttpHeader& header) { return EqualsIgnoringCase(header.name, name); });
}

std::string_view ReasonOf(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 207:
      return "Multi-Status";
    case 303:
      return "See Other";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 411:
      return "Length Required";
    case 413:
      return "Request Entity Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

HttpResponse TextResponse(int status, std::string body) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body), {}};
}

HttpResponse HtmlResponse(int status, std::string body) {
  return {status, {{"Content-Type", "text/html; charset=utf-8"}}, std::move(body), {}};
}

HttpResponse ErrorPage(int status) {
  std::string body =
      "<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n<p>Error "
      "code ";
  body += std::to_string(status);
  body += ".\r\n<p>Message: ";
  body += ReasonOf(status);
  body += ".\r\n</body>\r\n";
  return {status, {{"Content-Type", "text/html"}}, std::move(body), {}};
}

}  // namespace foster
