// SPDX-License-Identifier: MIT
#include "sys/http_answer.h"

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

HttpAnswer::Progress Feed(HttpAnswer* answer, std::string_view text, std::size_t step) {
  Progress progress = Progress::kNeedMore;
  for (std::size_t i = 0; i < text.size(); i += step) progress = answer->Append(text.substr(i, step));
  return progress;
}

TEST_CASE("a whole answer has its body, however it comes") {
  const std::string head = "HTTP/1.1 200 OK\r\nRetry-After: 7\r\n";
  for (std::size_t step : {1u, 2u, 7u, 1000u}) {
    HttpAnswer sized(HttpAnswer::Part::kWhole);
    CHECK(Feed(&sized, head + "Content-Length: 5\r\n\r\nhello", step) == Progress::kDone);
    CHECK(sized.body() == "hello");
    CHECK(sized.retry_after() == "7");
    CHECK(sized.keeps_alive());
    HttpAnswer chunked(HttpAnswer::Part::kWhole);
    CHECK(Feed(&chunked, head + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", step) ==
          Progress::kDone);
    CHECK(chunked.body() == "hello");
    CHECK(chunked.keeps_alive());
    HttpAnswer interim(HttpAnswer::Part::kWhole);
    CHECK(Feed(&interim, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", step) ==
          Progress::kDone);
    CHECK(interim.status() == 204);
    HttpAnswer last(HttpAnswer::Part::kWhole);
    CHECK(Feed(&last, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", step) ==
          Progress::kDone);
    CHECK_FALSE(last.keeps_alive());
  }
}

TEST_CASE("a body without a length ends with the connection, one with a length does not") {
  HttpAnswer open(HttpAnswer::Part::kWhole);
  CHECK(Feed(&open, "HTTP/1.1 500 Oops\r\n\r\nsorry", 3) == Progress::kNeedMore);
  CHECK(open.Close() == Progress::kDone);
  CHECK(open.body() == "sorry");
  CHECK_FALSE(open.keeps_alive());
  HttpAnswer early(HttpAnswer::Part::kWhole);
  CHECK(Feed(&early, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", 100) == Progress::kNeedMore);
  CHECK(early.Close() == Progress::kNeedMore);
  HttpAnswer nothing(HttpAnswer::Part::kWhole);
  CHECK(nothing.Close() == Progress::kNeedMore);
}

TEST_CASE("a body that is too long is not read to its end") {
  HttpAnswer announced(HttpAnswer::Part::kWhole);
  CHECK(Feed(&announced, "HTTP/1.1 400 Bad\r\nContent-Length: 9999999\r\n\r\n", 100) == Progress::kDone);
  CHECK(announced.status() == 400);
  CHECK_FALSE(announced.keeps_alive());
  HttpAnswer endless(HttpAnswer::Part::kWhole);
  Progress progress = endless.Append("HTTP/1.1 503 Busy\r\n\r\n");
  const std::string piece(4096, 'x');
  int pieces = 0;
  for (; pieces < 1000 && progress == Progress::kNeedMore; ++pieces) progress = endless.Append(piece);
  CHECK(progress == Progress::kDone);
  CHECK(endless.status() == 503);
  CHECK(pieces <= 17);
}

}  // namespace
}  // namespace foster
