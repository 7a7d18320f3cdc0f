// SPDX-License-Identifier: MIT
#include "wire/rpc.h"

namespace foster {
namespace {

Json Envelope() {
  Json json;
  json.Set("jsonrpc", "2.0");
  return json;
}

std::string Line(const Json& json) {
  std::string line = json.Dump();
  line.push_back('\n');
  return line;
}

RpcParse Refuse(int code, std::string message, Json id = Json()) {
  RpcParse parse;
  parse.failure.code = code;
  parse.failure.message = std::move(message);
  parse.id = std::move(id);
  return parse;
}

bool IsId(const Json& id) { return id.is_null() || id.is_int() || id.is_string(); }

}  // namespace

RpcParse ParseRequest(std::string_view line) {
  Result<Json> json = ParseJson(line);
  if (!json) return Refuse(kRpcParseError, "cannot read the request: " + json.error().message());
  if (json->is_array()) return Refuse(kRpcInvalidRequest, "batches are not spoken here: one request a line");
  if (!json->is_object()) return Refuse(kRpcInvalidRequest, "a request is an object");

  const Json& id = (*json)["id"];
  if (!IsId(id)) return Refuse(kRpcInvalidRequest, "'id' must be a string, an integer or null");
  if ((*json)["jsonrpc"].AsString() != "2.0")
    return Refuse(kRpcInvalidRequest, "'jsonrpc' must be \"2.0\"", id);
  const Json& method = (*json)["method"];
  if (!method.is_string() || method.AsString().empty()) {
    return Refuse(kRpcInvalidRequest, "'method' must be a string that is not empty", id);
  }
  const Json& params = (*json)["params"];
  if (!params.is_null() && !params.is_object()) {
    return Refuse(kRpcInvalidParams, "'params' must be an object", id);
  }

  RpcParse parse;
  parse.id = id;
  parse.request = RpcRequest{id, method.AsString(), params};
  return parse;
}

std::string RequestLine(std::int64_t id, std::string_view method, const Json& params) {
  Json json = Envelope();
  json.Set("id", id).Set("method", method);
  if (!params.is_null()) json.Set("params", params);
  return Line(json);
}

std::string ResultLine(const Json& id, const Json& result) {
  Json json = Envelope();
  json.Set("id", id).Set("result", result);
  return Line(json);
}

std::string ResultTextLine(const Json& id, std::string_view result) {
  std::string line = "{\"jsonrpc\":\"2.0\",\"id\":" + id.Dump() + ",\"result\":";
  line.append(result).append("}\n");
  return line;
}

std::string FailureLine(const Json& id, const RpcFailure& failure) {
  Json error;
  error.Set("code", failure.code).Set("message", failure.message);
  if (failure.data.is_object()) error.Set("data", failure.data);
  Json json = Envelope();
  json.Set("id", id).Set("error", std::move(error));
  return Line(json);
}

std::string NotificationLine(std::string_view method, const Json& params) {
  Json json = Envelope();
  json.Set("method", method);
  if (!params.is_null()) json.Set("params", params);
  return Line(json);
}

void LineSplitter::Append(std::string_view bytes) {
  // What was handed out is dropped here, once an Append, and not once a line.
  if (start_ > 0) {
    buffer_.erase(0, start_);
    scanned_ -= start_;
    start_ = 0;
  }
  buffer_.append(bytes);
}

LineSplitter::Kind LineSplitter::Next(std::string* line) {
  for (;;) {
    std::size_t end = buffer_.find('\n', scanned_);
    if (end == std::string::npos) {
      scanned_ = buffer_.size();
      // The rest of a line that is too long is never kept, so that the buffer stays bounded.
      bool too_long = buffer_.size() - start_ > limit_;
      if (!skipping_ && !too_long) return Kind::kNone;
      bool first = !skipping_;
      skipping_ = true;
      buffer_.clear();
      start_ = scanned_ = 0;
      return first ? Kind::kTooLong : Kind::kNone;
    }
    std::size_t begin = std::exchange(start_, end + 1);
    scanned_ = start_;
    if (std::exchange(skipping_, false)) continue;
    if (end - begin > limit_) return Kind::kTooLong;
    line->assign(buffer_, begin, end - begin);
    return Kind::kLine;
  }
}

}  // namespace foster
