// SPDX-License-Identifier: MIT
// Packets to the prober: what is read is written and read again as the same.
#include <cstdint>
#include <cstdlib>

#include "wire/probe_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = foster::ParseJson({reinterpret_cast<const char*>(data), size});
  if (!json.ok()) return 0;
  const auto request = foster::ProberRequestFromJson(*json);
  if (!request.ok()) {
    if (request.error().message().empty()) std::abort();
    return 0;
  }
  const auto written = foster::ParseJson(foster::ToJson(*request).Dump());
  if (!written.ok()) std::abort();
  const auto again = foster::ProberRequestFromJson(*written);
  if (!again.ok() || !(*again == *request)) std::abort();
  return 0;
}
