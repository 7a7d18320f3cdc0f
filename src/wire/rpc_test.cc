// SPDX-License-Identifier: MIT
#include "wire/rpc.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

std::string Cut(std::string_view line) { return std::string(line.substr(0, line.size() - 1)); }

TEST_CASE("a request line is read back as it was written") {
  Json params;
  params.Set("names", Json::Array{"web"});
  std::string line = RequestLine(7, "up", params);
  REQUIRE(line.back() == '\n');
  RpcParse parse = ParseRequest(Cut(line));
  REQUIRE(parse.request);
  CHECK(parse.request->id == Json(7));
  CHECK(parse.request->method == "up");
  CHECK(parse.request->params == params);
}

TEST_CASE("a request without an id is a notification") {
  RpcParse parse = ParseRequest(R"({"jsonrpc":"2.0","method":"unfollow"})");
  REQUIRE(parse.request);
  CHECK(parse.request->id.is_null());
  CHECK(parse.request->params.is_null());
}

TEST_CASE("what is no request is refused with the code that says so") {
  struct Row {
    const char* line;
    int code;
    Json id;
  };
  const Row rows[] = {
      {"", kRpcParseError, {}},
      {"hello", kRpcParseError, {}},
      {"{\"jsonrpc\":\"2.0\",", kRpcParseError, {}},
      {"[]", kRpcInvalidRequest, {}},
      {"17", kRpcInvalidRequest, {}},
      {R"({"jsonrpc":"2.0","id":[1],"method":"up"})", kRpcInvalidRequest, {}},
      {R"({"jsonrpc":"1.0","id":1,"method":"up"})", kRpcInvalidRequest, 1},
      {R"({"id":1,"method":"up"})", kRpcInvalidRequest, 1},
      {R"({"jsonrpc":"2.0","id":"x"})", kRpcInvalidRequest, "x"},
      {R"({"jsonrpc":"2.0","id":1,"method":""})", kRpcInvalidRequest, 1},
      {R"({"jsonrpc":"2.0","id":1,"method":"up","params":[1]})", kRpcInvalidParams, 1},
  };
  for (const Row& row : rows) {
    INFO(row.line);
    RpcParse parse = ParseRequest(row.line);
    CHECK_FALSE(parse.request);
    CHECK(parse.failure.code == row.code);
    CHECK(parse.id == row.id);
    CHECK_FALSE(parse.failure.message.empty());
  }
  CHECK(ParseRequest(std::string(100'000, '[')).failure.code == kRpcParseError);
}

TEST_CASE("replies have the members of JSON-RPC 2.0") {
  CHECK(ResultLine(3, Json(true)) == "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":true}\n");
  CHECK(FailureLine("a", {kRpcNoSuchService, "no service 'x'", {}}) ==
        "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"error\":{\"code\":1,\"message\":\"no service 'x'\"}}\n");
  Json data;
  data.Set("close", Json::Array{"y"});
  CHECK(FailureLine(Json(), {2, "no", data}) ==
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":2,\"message\":\"no\",\"data\":{\"close\":["
        "\"y\"]}}}\n");
  CHECK(FailureLine(1, {2, "no", Json(17)}).find("data") == std::string::npos);
  CHECK(NotificationLine("log", Json(Json::Object{})) ==
        "{\"jsonrpc\":\"2.0\",\"method\":\"log\",\"params\":{}}\n");
}

std::vector<std::string> Drain(LineSplitter* splitter) {
  std::vector<std::string> lines;
  std::string line;
  for (;;) {
    auto kind = splitter->Next(&line);
    if (kind == LineSplitter::Kind::kNone) return lines;
    lines.push_back(kind == LineSplitter::Kind::kTooLong ? "<too long>" : line);
  }
}

TEST_CASE("lines come out whole however the bytes are cut") {
  const std::string bytes = "one\n\ntwo and more\nthree\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    LineSplitter splitter;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      splitter.Append(std::string_view(bytes).substr(at, step));
      for (auto& line : Drain(&splitter)) lines.push_back(line);
    }
    CHECK(lines == std::vector<std::string>{"one", "", "two and more", "three"});
  }
}

TEST_CASE("a line of the greatest length passes and one byte more does not") {
  LineSplitter splitter;
  splitter.Append(std::string(kMaxLine, 'x') + "\n" + std::string(kMaxLine + 1, 'y') + "\nnext\n");
  std::string line;
  REQUIRE(splitter.Next(&line) == LineSplitter::Kind::kLine);
  CHECK(line.size() == kMaxLine);
  CHECK(Drain(&splitter) == std::vector<std::string>{"<too long>", "next"});
}

TEST_CASE("a line that is too long is said once and skipped to its end") {
  LineSplitter splitter;
  std::vector<std::string> lines;
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 200; ++i) {
    splitter.Append(piece);
    for (auto& line : Drain(&splitter)) lines.push_back(line);
  }
  splitter.Append("tail\nafter\nrest");
  for (auto& line : Drain(&splitter)) lines.push_back(line);
  splitter.Append("\n");
  for (auto& line : Drain(&splitter)) lines.push_back(line);
  CHECK(lines == std::vector<std::string>{"<too long>", "after", "rest"});
}

TEST_CASE("lines from JSON text are the same lines") {
  const Json value = std::move(Json().Set("a", 1));
  for (const Json& id : {Json(7), Json("x\"y")})
    CHECK(ResultTextLine(id, value.Dump()) == ResultLine(id, value));
  std::string line(kLogNotificationHead);
  line.append(value.Dump()).append(kNotificationTail);
  CHECK(line == NotificationLine("log", value));
}

}  // namespace
}  // namespace foster
