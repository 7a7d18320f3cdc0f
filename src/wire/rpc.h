// SPDX-License-Identifier: MIT
// JSON-RPC 2.0, one object per line, at most kMaxLine bytes a line: framing, requests, replies, error codes.
// Not: the methods (docs/control-protocol.md lists them; src/supervise/methods_*.cc do them).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/json.h"

namespace foster {

inline constexpr std::size_t kMaxLine = 1u << 20;
inline constexpr int kControlProtocolVersion = 1;

// JSON-RPC's own codes, then foster's (positive).
enum RpcError : int {
  kRpcParseError = -32700,
  kRpcInvalidRequest = -32600,
  kRpcMethodNotFound = -32601,
  kRpcInvalidParams = -32602,
  kRpcInternal = -32603,
  kRpcNoSuchService = 1,
  kRpcNotAllowed = 2,  // the caller's uid may only read
  kRpcFailed = 3,
  kRpcTimeout = 4,
  kRpcRefused = 5,  // an invalid config: nothing was changed; data.diagnostics
  kRpcBusy = 6,     // too many connections, followers or waiting requests; or the container is stopping
};

struct RpcRequest {
  Json id;  // null = notification (no reply)
  std::string method;
  Json params;
};

struct RpcFailure {
  int code = kRpcInternal;
  std::string message;
  Json data;
};

// One line -> request. The failure is what to answer (id null).
struct RpcParse {
  std::optional<RpcRequest> request;
  RpcFailure failure;
  Json id;
};
RpcParse ParseRequest(std::string_view line);

// Each ends with '\n'.
std::string RequestLine(std::int64_t id, std::string_view method, const Json& params);
std::string ResultLine(const Json& id, const Json& result);
// `result` is JSON already.
std::string ResultTextLine(const Json& id, std::string_view result);
std::string FailureLine(const Json& id, const RpcFailure& failure);
std::string NotificationLine(std::string_view method, const Json& params);
// "{...,"params":" and what closes it, around params that are JSON already.
inline constexpr std::string_view kLogNotificationHead =
    "{\"jsonrpc\":\"2.0\",\"method\":\"log\",\"params\":";
inline constexpr std::string_view kNotificationTail = "}\n";

// Cuts a byte stream into lines. A line over `limit` is reported once as too long and skipped to its end.
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t limit = kMaxLine) : limit_(limit) {}
  void Append(std::string_view bytes);
  enum class Kind { kNone, kLine, kTooLong };
  Kind Next(std::string* line);

 private:
  std::size_t limit_;
  std::string buffer_;
  std::size_t start_ = 0;    // of the line that comes next
  std::size_t scanned_ = 0;  // no '\n' between start_ and here
  bool skipping_ = false;
};

}  // namespace foster
