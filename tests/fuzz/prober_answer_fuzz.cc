// SPDX-License-Identifier: MIT
// Packets from the prober: what is read is written and read again as the same.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "wire/probe_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = foster::ParseJson({reinterpret_cast<const char*>(data), size});
  if (!json.ok()) return 0;
  const auto answer = foster::ProberAnswerFromJson(*json);
  if (!answer.ok()) {
    if (answer.error().message().empty()) std::abort();
    return 0;
  }
  for (const auto& figures : answer->figures)
    if (!std::isfinite(figures.cpu_percent)) return 0;
  const auto written = foster::ParseJson(foster::ToJson(*answer).Dump());
  if (!written.ok()) std::abort();
  const auto again = foster::ProberAnswerFromJson(*written);
  if (!again.ok() || !(*again == *answer)) std::abort();
  return 0;
}
