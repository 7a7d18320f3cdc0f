// SPDX-License-Identifier: MIT
// What `load` hands over: any JSON is a fragment or an error, and a fragment comes back as it went.
#include <cstdint>
#include <cstdlib>

#include "wire/plan_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto json = foster::ParseJson({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  auto fragment = foster::FragmentFromJson(*json);
  if (!fragment) {
    if (fragment.error().message().empty()) std::abort();
    return 0;
  }
  foster::Json written = foster::ToJson(*fragment);
  auto again = foster::FragmentFromJson(written);
  if (!again || !(*again == *fragment) || !(foster::ToJson(*again) == written)) std::abort();
  return 0;
}
