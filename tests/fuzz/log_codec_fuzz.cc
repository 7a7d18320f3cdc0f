// SPDX-License-Identifier: MIT
// A slot's settings as logd finds them in shared memory: any bytes are settings within their bounds or an
// error, and settings come back as they went.
#include <cstdint>
#include <cstdlib>

#include "wire/log_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto config = foster::DecodeSlotConfig({reinterpret_cast<const char*>(data), size});
  if (!config.ok()) {
    if (config.error().message().empty()) std::abort();
    return 0;
  }
  const bool is_bounded = config->spec.sinks.size() <= foster::kMaxLogSinks &&
                          config->secrets.size() <= foster::kMaxSecrets &&
                          config->spec.ring_bytes <= foster::kMostRingBytes;
  if (!is_bounded) std::abort();
  auto again = foster::DecodeSlotConfig(foster::EncodeSlotConfig(*config));
  if (!again.ok() || !(*again == *config)) std::abort();
  return 0;
}
