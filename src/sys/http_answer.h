// SPDX-License-Identifier: MIT
// HttpAnswer: the status of an HTTP answer out of its first bytes, and on request the rest of it.
// Boost.Beast's parser is behind it, in http_answer.cc alone. Not: a socket, nor following a redirect. Called
// by: the prober's http_exchange.cc (heads), http_connection.cc (whole answers), the fuzzer. Invariants:
// reads at most kMaxAnswerBytes of head, interim answers (1xx) included, and as much of body; after kBad or
// kDone nothing more is read.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace foster {

inline constexpr std::size_t kMaxAnswerBytes = 64u << 10;

class HttpAnswer {
 public:
  enum class Part { kHead, kWhole };
  explicit HttpAnswer(Part part = Part::kHead);
  ~HttpAnswer();
  HttpAnswer(const HttpAnswer&) = delete;
  HttpAnswer& operator=(const HttpAnswer&) = delete;

  enum class Progress { kNeedMore, kDone, kBad };
  Progress Append(std::string_view bytes);
  // The other side has closed: some bodies end so. kNeedMore: it was too early.
  Progress Close();

  unsigned status() const;           // after kDone
  std::string status_text() const;   // after kDone: "503 Service Unavailable"
  const std::string& error() const;  // after kBad
  std::size_t bytes_seen() const;
  // After kDone of a whole one. A body over kMaxAnswerBytes is cut; then the connection is of no more use.
  const std::string& body() const;
  const std::string& retry_after() const;  // the header as it came, "" without one
  bool keeps_alive() const;                // another request may follow on its connection

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace foster
