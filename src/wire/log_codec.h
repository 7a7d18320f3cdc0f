// SPDX-License-Identifier: MIT
// LogSlotConfig <-> bytes, as they lie in the arena and nowhere else (they hold secret values). Not: the
// plan's codec, though LogSpec looks the same in both. Called by: supervise (writes), logd and supervise
// (read). Invariant: what Encode made, Decode of any later foster reads.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "foster/log_spec.h"

namespace foster {

std::string EncodeSlotConfig(const LogSlotConfig& config);
Result<LogSlotConfig> DecodeSlotConfig(std::string_view bytes);

}  // namespace foster
