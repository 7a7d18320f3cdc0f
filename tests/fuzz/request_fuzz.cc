// SPDX-License-Identifier: MIT
// Requests as a hostile client may send them: any bytes are a request or a refusal, and a request that is
// accepted is one that can be answered.
#include <cstdint>
#include <cstdlib>

#include "wire/rpc.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using foster::Json;
  std::string_view line(reinterpret_cast<const char*>(data), size);
  foster::RpcParse parse = foster::ParseRequest(line);
  if (!parse.request) {
    if (parse.failure.code >= 0 || parse.failure.message.empty()) std::abort();
    std::string reply = foster::FailureLine(parse.id, parse.failure);
    if (!foster::ParseJson(reply)) std::abort();
    return 0;
  }
  if (parse.request->method.empty()) std::abort();
  if (!parse.request->params.is_null() && !parse.request->params.is_object()) std::abort();
  std::string reply = foster::ResultLine(parse.request->id, parse.request->params);
  if (reply.find('\n') != reply.size() - 1) std::abort();
  if (!foster::ParseJson(reply)) std::abort();
  return 0;
}
