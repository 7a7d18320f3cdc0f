// SPDX-License-Identifier: MIT
#include "sys/http_answer.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <exception>
#include <optional>

namespace foster {

namespace http = boost::beast::http;

struct HttpAnswer::Parser {
  using Response = http::response_parser<http::string_body>;

  Part part = Part::kHead;
  std::string buffer;
  std::optional<Response> response;
  std::size_t seen = 0;
  bool has_head = false;
  Progress progress = Progress::kNeedMore;
  unsigned status = 0;
  std::string reason;
  std::string error;
  std::string body;
  std::string retry_after;
  bool keeps_alive = false;

  Progress Bad(const char* why) {
    error = why;
    buffer.clear();
    return progress = Progress::kBad;
  }

  void NoteHead() {
    has_head = true;
    status = response->get().result_int();
    reason = std::string(response->get().reason());
    retry_after = std::string(response->get()[http::field::retry_after]);
  }

  Progress Whole(bool is_cut) {
    keeps_alive = !is_cut && response->keep_alive() && buffer.empty();
    body = std::move(response->get().body());
    return progress = Progress::kDone;
  }

  // Beast wants a fresh parser for each answer; an interim one (1xx) is followed by the one that counts.
  Progress Next() {
    while (!buffer.empty()) {
      if (!response) {
        response.emplace();
        response->header_limit(static_cast<std::uint32_t>(kMaxAnswerBytes));
        response->body_limit(kMaxAnswerBytes);
        response->skip(part == Part::kHead);
      }
      boost::beast::error_code failed;
      const std::size_t used = response->put(boost::asio::buffer(buffer.data(), buffer.size()), failed);
      buffer.erase(0, used);
      if (failed == http::error::header_limit) return Bad("the header of the answer is over 64 KiB");
      if (response->is_header_done() && !has_head) NoteHead();
      if (has_head && failed == http::error::body_limit) return Whole(true);
      if (failed && failed != http::error::need_more) return Bad("not an HTTP answer");
      if (has_head && (status >= 200 || status == 101)) {
        if (part == Part::kHead || response->is_done()) return Whole(false);
      } else if (has_head) {
        has_head = false;
        response.reset();
        continue;
      }
      if (failed || used == 0) break;
    }
    if (!has_head && seen >= kMaxAnswerBytes) return Bad("the header of the answer is over 64 KiB");
    return Progress::kNeedMore;
  }

  Progress End() {
    if (!has_head || !response) return progress;
    boost::beast::error_code failed;
    response->put_eof(failed);
    if (failed || !response->is_done()) return progress;
    Whole(true);
    return progress;
  }
};

HttpAnswer::HttpAnswer(Part part) : parser_(std::make_unique<Parser>()) { parser_->part = part; }
HttpAnswer::~HttpAnswer() = default;

HttpAnswer::Progress HttpAnswer::Append(std::string_view bytes) {
  if (parser_->progress != Progress::kNeedMore) return parser_->progress;
  const std::size_t room = kMaxAnswerBytes * (parser_->has_head ? 4 : 1);  // chunks have sizes beside bytes
  const std::string_view taken = bytes.substr(0, parser_->seen < room ? room - parser_->seen : 0);
  parser_->seen += taken.size();
  if (taken.empty() && !bytes.empty()) return parser_->Bad("the answer is too long");
  try {
    parser_->buffer += taken;
    return parser_->Next();
  } catch (const std::exception&) {  // Beast reports by error codes; memory may still run out
    return parser_->Bad("not an HTTP answer");
  }
}

HttpAnswer::Progress HttpAnswer::Close() {
  if (parser_->progress != Progress::kNeedMore) return parser_->progress;
  try {
    return parser_->End();
  } catch (const std::exception&) {
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
const std::string& HttpAnswer::body() const { return parser_->body; }
const std::string& HttpAnswer::retry_after() const { return parser_->retry_after; }
bool HttpAnswer::keeps_alive() const { return parser_->keeps_alive; }

}  // namespace foster
