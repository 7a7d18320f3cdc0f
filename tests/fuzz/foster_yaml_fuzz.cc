// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>

#include "fuzz/entries.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  foster::fuzz::FosterYaml({reinterpret_cast<const char*>(data), size});
  return 0;
}
