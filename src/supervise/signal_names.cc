// SPDX-License-Identifier: MIT
#include "supervise/signal_names.h"

#include <cctype>
#include <charconv>
#include <csignal>
#include <cstring>

namespace foster {

std::optional<int> SignalFromJson(const Json& json) {
  std::int64_t number = json.AsInt();
  if (json.is_string()) {
    std::string text;
    for (char c : json.AsString()) text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (text.starts_with("SIG")) text.erase(0, 3);
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
      number = 0;
      for (int candidate = 1; candidate < NSIG && number == 0; ++candidate)
        if (const char* name = sigabbrev_np(candidate); name != nullptr && text == name) number = candidate;
    }
  }
  if (number < 1 || number >= NSIG) return std::nullopt;
  return static_cast<int>(number);
}

}  // namespace foster
