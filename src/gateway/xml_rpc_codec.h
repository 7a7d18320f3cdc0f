// SPDX-License-Identifier: MIT
// XML-RPC <-> Json: a methodCall read, a methodResponse written byte for byte as Python's xmlrpc.client
// writes it. pugixml is behind it, in xml_rpc_codec.cc alone. Pure. Not: the methods (rpc_methods.h). Called
// by: supervisord_gateway.cc, the fuzzer. Invariants: nesting is bounded by kMaxJsonDepth; what is written is
// always well-formed: bytes that XML or UTF-8 cannot carry become U+FFFD, ints are cut to 32 bits.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/json.h"

namespace foster {

struct XmlRpcCall {
  std::string method;
  Json::Array params;
};

// dateTime.iso8601 and base64 arrive as strings, untyped values too.
Result<XmlRpcCall> ParseXmlRpcCall(std::string_view text);

std::string XmlRpcResponse(const Json& value);
std::string XmlRpcFault(int code, std::string_view text);

}  // namespace foster
