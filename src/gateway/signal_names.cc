// SPDX-License-Identifier: MIT
#include "gateway/signal_names.h"

#include <charconv>
#include <csignal>
#include <cstring>
#include <string>

namespace foster {

std::optional<int> SignalFromText(std::string_view text) {
  int number = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && code == std::errc() && end == text.data() + text.size())
    return number >= 0 && number <= SIGRTMAX ? std::optional<int>(number) : std::nullopt;
  std::string name;
  for (char c : text) name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  if (name.starts_with("SIG")) name.erase(0, 3);
  for (int signal = 1; signal < NSIG; ++signal) {
    const char* known = ::sigabbrev_np(signal);
    if (known && name == known) return signal;
  }
  return std::nullopt;
}

}  // namespace foster
