// SPDX-License-Identifier: MIT
// SignalFromJson: "TERM", "SIGTERM", "15" or 15 -> number. Pure. Called by: methods_signal.cc.
#pragma once

#include <optional>

#include "wire/json.h"

namespace foster {

std::optional<int> SignalFromJson(const Json& json);

}  // namespace foster
