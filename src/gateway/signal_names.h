// SPDX-License-Identifier: MIT
// Names of signals as clients write them: "HUP", "SIGHUP", "hup", "1". Pure.
#pragma once

#include <optional>
#include <string_view>

namespace foster {

std::optional<int> SignalFromText(std::string_view text);

}  // namespace foster
