// SPDX-License-Identifier: MIT
#include "prober/http_answer.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

using Progress = HttpAnswer::Progress;

TEST_CASE("however an answer is cut, its status is found") {
  const std::string whole = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Nothing Here\r\nA: b\r\n\r\nbody";
  const std::size_t head = whole.size() - 4;
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    HttpAnswer answer;
    const Progress first = answer.Append(std::string_view(whole).substr(0, cut));
    CHECK(first == (cut >= head ? Progress::kDone : Progress::kNeedMore));
    CHECK(answer.Append(std::string_view(whole).substr(cut)) == Progress::kDone);
    CHECK(answer.status_text() == "404 Nothing Here");
  }
}

TEST_CASE("a status without a reason gets the usual one") {
  HttpAnswer answer;
  CHECK(answer.Append("HTTP/1.1 503 \r\n\r\n") == Progress::kDone);
  CHECK(answer.status_text() == "503 Service Unavailable");
  HttpAnswer odd;
  CHECK(odd.Append("HTTP/1.1 565 \r\n\r\n") == Progress::kDone);
  CHECK(odd.status_text() == "565");
}

TEST_CASE("what is too long or not HTTP is refused, and stays so") {
  HttpAnswer garbage;
  CHECK(garbage.Append("220 mail ready\r\n") == Progress::kBad);
  CHECK(garbage.error() == "not an HTTP answer");
  CHECK(garbage.Append("HTTP/1.1 200 OK\r\n\r\n") == Progress::kBad);
  HttpAnswer interim;
  Progress progress = Progress::kNeedMore;
  for (int i = 0; i < 10'000 && progress == Progress::kNeedMore; ++i)
    progress = interim.Append("HTTP/1.1 102 Processing\r\n\r\n");
  CHECK(progress == Progress::kBad);
  CHECK(interim.bytes_seen() == kMaxAnswerBytes);
}

}  // namespace
}  // namespace foster
