// SPDX-License-Identifier: MIT
// HttpAnswer: the status of an HTTP answer out of its first bytes. Boost.Beast's parser is behind it, in
// http_answer.cc alone. Not: a socket, nor the body, nor following a redirect. Called by: http_exchange.cc,
// the fuzzer. Invariants: reads at most kMaxAnswerBytes, interim answers (1xx) included; after kBad or kDone
// nothing more is read.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace foster {

inline constexpr std::size_t kMaxAnswerBytes = 64u << 10;

class HttpAnswer {
 public:
  HttpAnswer();
  ~HttpAnswer();
  HttpAnswer(const HttpAnswer&) = delete;
  HttpAnswer& operator=(const HttpAnswer&) = delete;

  enum class Progress { kNeedMore, kDone, kBad };
  Progress Append(std::string_view bytes);

  unsigned status() const;           // after kDone
  std::string status_text() const;   // after kDone: "503 Service Unavailable"
  const std::string& error() const;  // after kBad
  std::size_t bytes_seen() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace foster
