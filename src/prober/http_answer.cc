// SPDX-License-Identifier: MIT
#include "prober/http_answer.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <exception>
#include <optional>

namespace foster {

namespace http = boost::beast::http;

struct HttpAnswer::Parser {
  using Response = http::response_parser<http::empty_body>;

  std::string buffer;
  std::optional<Response> response;
  std::size_t seen = 0;
  Progress progress = Progress::kNeedMore;
  unsigned status = 0;
  std::string reason;
  std::string error;

  Progress Bad(const char* why) {
    error = why;
    buffer.clear();
    return progress = Progress::kBad;
  }

  // Beast wants a fresh parser for each answer; an interim one (1xx) is followed by the one that counts.
  Progress Next() {
    while (!buffer.empty()) {
      if (!response) {
        response.emplace();
        response->header_limit(static_cast<std::uint32_t>(kMaxAnswerBytes));
        response->skip(true);
      }
      boost::beast::error_code failed;
      const std::size_t used = response->put(boost::asio::buffer(buffer.data(), buffer.size()), failed);
      buffer.erase(0, used);
      if (failed == http::error::header_limit) return Bad("the header of the answer is over 64 KiB");
      if (failed && failed != http::error::need_more) return Bad("not an HTTP answer");
      if (response->is_header_done()) {
        status = response->get().result_int();
        reason = std::string(response->get().reason());
        response.reset();
        if (status >= 200 || status == 101) return progress = Progress::kDone;
        continue;
      }
      if (failed || used == 0) break;
    }
    if (seen >= kMaxAnswerBytes) return Bad("the header of the answer is over 64 KiB");
    return Progress::kNeedMore;
  }
};

HttpAnswer::HttpAnswer() : parser_(std::make_unique<Parser>()) {}
HttpAnswer::~HttpAnswer() = default;

HttpAnswer::Progress HttpAnswer::Append(std::string_view bytes) {
  if (parser_->progress != Progress::kNeedMore) return parser_->progress;
  const std::string_view taken = bytes.substr(0, kMaxAnswerBytes - parser_->seen);
  parser_->seen += taken.size();
  try {
    parser_->buffer += taken;
    return parser_->Next();
  } catch (const std::exception&) {  // Beast reports by error codes; memory may still run out
    return parser_->Bad("not an HTTP answer");
  }
}

unsigned HttpAnswer::status() const { return parser_->status; }

std::string HttpAnswer::status_text() const {
  const unsigned code = parser_->status;
  std::string reason = parser_->reason;  // the usual one when the server gave none
  if (reason == "<unknown-status>") reason.clear();
  return reason.empty() ? std::to_string(code) : std::to_string(code) + " " + reason;
}

const std::string& HttpAnswer::error() const { return parser_->error; }
std::size_t HttpAnswer::bytes_seen() const { return parser_->seen; }

}  // namespace foster
