// SPDX-License-Identifier: MIT
// Moments of --since: whatever the text, an answer that a WallNanos can hold, or an error that tells of it.
#include <cstdlib>

#include "cli/log_time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto zone = foster::TimeZone::Open("Europe/Berlin");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto moment = foster::cli::ParseMoment(text, 1'795'266'000'000'000'000, *zone);
  if (!moment.ok() && moment.error().message().find("is no time") == std::string::npos) std::abort();
  if (moment.ok() && *moment < -86'400'000'000'000) std::abort();
  return 0;
}
