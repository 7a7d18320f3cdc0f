// SPDX-License-Identifier: MIT
// XML-RPC calls from strangers; what was read is written again, which must always be well-formed enough to be
// read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "gateway/xml_rpc_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto call = foster::ParseXmlRpcCall({reinterpret_cast<const char*>(data), size});
  if (!call.ok()) return 0;
  std::string text = foster::XmlRpcResponse(foster::Json(call->params));
  if (!text.ends_with("</methodResponse>\n")) std::abort();
  return 0;
}
