// SPDX-License-Identifier: MIT
#include "gateway/http_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

#include "gateway/text_codec.h"

namespace foster {

namespace http = boost::beast::http;

struct HttpReader::Parser {
  using Request = http::request_parser<http::string_body>;

  std::string buffer;
  std::optional<Request> request;
  int bad_status = 0;
  bool expect_seen = false;

  // Beast wants a fresh parser for each request.
  void Begin() {
    request.emplace();
    request->header_limit(static_cast<std::uint32_t>(kMaxHeaderBytes));
    request->body_limit(kMaxBodyBytes);
    request->eager(true);
    expect_seen = false;
  }

  Progress Bad(int status) {
    bad_status = status;
    buffer.clear();
    request.reset();
    return Progress::kBad;
  }

  int StatusOf(const boost::beast::error_code& error) const {
    if (error == http::error::body_limit) return 413;
    return error == http::error::header_limit ? 431 : 400;
  }

  void Take(HttpRequest* out) {
    const auto& message = request->get();
    out->method = std::string(message.method_string());
    std::string target(message.target());
    std::size_t mark = target.find('?');
    out->raw_path = target.substr(0, mark);
    out->query = mark == std::string::npos ? "" : target.substr(mark + 1);
    out->path = PercentDecode(out->raw_path);
    out->headers.clear();
    for (const auto& field : message)
      out->headers.push_back({std::string(field.name_string()), std::string(field.value())});
    out->body = message.body();
    out->is_http_1_0 = message.version() == 10;
    out->keep_alive = message.keep_alive();
    out->has_length = request->chunked() || out->HasHeader("Content-Length");
    request.reset();
  }

  Progress Next(HttpRequest* out) {
    if (bad_status) return Progress::kBad;
    if (!request) {
      // An empty line between requests is no request: stock supervisorctl ends its GET with one too many.
      buffer.erase(0, buffer.find_first_not_of("\r\n"));
      if (buffer.empty()) return Progress::kNeedMore;
      Begin();
    }
    while (!request->is_done()) {
      boost::beast::error_code error;
      std::size_t used = request->put(boost::asio::buffer(buffer.data(), buffer.size()), error);
      buffer.erase(0, used);
      if (error && error != http::error::need_more) return Bad(StatusOf(error));
      if (!request->is_header_done() && buffer.size() > kMaxHeaderBytes) return Bad(431);
      if (!request->is_done() && (error || used == 0)) return Progress::kNeedMore;
    }
    Take(out);
    return Progress::kRequest;
  }
};

HttpReader::HttpReader() : parser_(std::make_unique<Parser>()) {}
HttpReader::~HttpReader() = default;

void HttpReader::Append(std::string_view bytes) {
  if (!parser_->bad_status) parser_->buffer += bytes;
}

HttpReader::Progress HttpReader::Next(HttpRequest* request) {
  try {
    return parser_->Next(request);
  } catch (const std::exception&) {  // Beast reports by error codes; memory may still run out
    return parser_->Bad(400);
  }
}

int HttpReader::bad_status() const { return parser_->bad_status; }

bool HttpReader::TakeExpectContinue() {
  auto& request = parser_->request;
  if (parser_->expect_seen || !request || !request->is_header_done()) return false;
  parser_->expect_seen = true;
  return boost::beast::iequals(request->get()[http::field::expect], "100-continue");
}

bool HttpReader::in_request() const { return parser_->request.has_value() || !parser_->buffer.empty(); }

}  // namespace foster
