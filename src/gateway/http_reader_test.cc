// SPDX-License-Identifier: MIT
#include "gateway/http_reader.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

using Progress = HttpReader::Progress;

TEST_CASE("the log follower's own request is read: empty Host, raw colon, one empty line too many") {
  HttpReader reader;
  reader.Append(
      "GET /logtail/g:cat/stdout HTTP/1.1\r\nHost: \r\nAccept-Encoding: chunked\r\nAccept: */*\r\n"
      "User-agent: Supervisor HTTP Client\r\n\r\n\r\nGET /ok.html HTTP/1.1\r\n\r\n");
  HttpRequest request;
  REQUIRE(reader.Next(&request) == Progress::kRequest);
  REQUIRE(request.path == "/logtail/g:cat/stdout");
  REQUIRE(request.keep_alive);
  REQUIRE(request.HasHeader("host"));
  REQUIRE(reader.Next(&request) == Progress::kRequest);
  REQUIRE(request.path == "/ok.html");
  REQUIRE(reader.Next(&request) == Progress::kNeedMore);
  REQUIRE_FALSE(reader.in_request());
}

TEST_CASE("a request that comes byte by byte is one request") {
  HttpReader reader;
  HttpRequest request;
  std::string text = "POST /RPC2?x=%41 HTTP/1.1\r\nContent-Length: 5\r\nA: b\r\n\r\nhello";
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    reader.Append(text.substr(i, 1));
    REQUIRE(reader.Next(&request) == Progress::kNeedMore);
  }
  reader.Append(text.substr(text.size() - 1));
  REQUIRE(reader.Next(&request) == Progress::kRequest);
  REQUIRE(request.body == "hello");
  REQUIRE(request.query == "x=%41");
  REQUIRE(request.has_length);
  REQUIRE(request.Header("a") == "b");
}

TEST_CASE("a body in chunks is put together") {
  HttpReader reader;
  HttpRequest request;
  reader.Append("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  REQUIRE(reader.Next(&request) == Progress::kRequest);
  REQUIRE(request.body == "abcde");
}

TEST_CASE("too much is refused before it is held") {
  HttpRequest request;
  HttpReader header;
  header.Append("GET / HTTP/1.1\r\nA: " + std::string(kMaxHeaderBytes + 10, 'x') + "\r\n\r\n");
  REQUIRE(header.Next(&request) == Progress::kBad);
  REQUIRE(header.bad_status() == 431);
  HttpReader body;
  body.Append("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n");
  REQUIRE(body.Next(&request) == Progress::kBad);
  REQUIRE(body.bad_status() == 413);
}

TEST_CASE("what is not HTTP is refused") {
  for (const char* text :
       {"hello\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    HttpReader reader;
    HttpRequest request;
    reader.Append(text);
    CHECK(reader.Next(&request) == Progress::kBad);
    CHECK(reader.bad_status() == 400);
  }
}

TEST_CASE("a client that waits for leave to send its body gets it once") {
  HttpReader reader;
  HttpRequest request;
  reader.Append("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  REQUIRE(reader.Next(&request) == Progress::kNeedMore);
  REQUIRE(reader.TakeExpectContinue());
  REQUIRE_FALSE(reader.TakeExpectContinue());
  reader.Append("ok");
  REQUIRE(reader.Next(&request) == Progress::kRequest);
}

}  // namespace
}  // namespace foster
