// SPDX-License-Identifier: MIT
#include "base/signal_names.h"

#include <charconv>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/ascii.h"

namespace foster {
namespace {

// Second names, which the C library does not list.
constexpr std::pair<std::string_view, int> kSecondNames[] = {
    {"CLD", SIGCHLD}, {"POLL", SIGIO}, {"IOT", SIGABRT}};

}  // namespace

std::optional<int> SignalNumber(std::string_view text) {
  int number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size())
    return number >= 0 && number < NSIG ? std::optional<int>(number) : std::nullopt;
  const std::string wanted = BareSignalName(text);
  for (int signal = 1; signal < NSIG; ++signal)
    if (const char* name = ::sigabbrev_np(signal); name != nullptr && wanted == name) return signal;
  for (auto [name, signal] : kSecondNames)
    if (wanted == name) return signal;
  return std::nullopt;
}

std::string BareSignalName(std::string_view name) {
  std::string upper = ToUpper(name);
  if (upper.starts_with("SIG")) upper.erase(0, 3);
  return upper;
}

std::vector<std::string_view> KnownSignalNames() {
  std::vector<std::string_view> names;
  for (int signal = 1; signal < NSIG; ++signal)
    if (const char* name = ::sigabbrev_np(signal)) names.emplace_back(name);
  for (auto [name, signal] : kSecondNames) names.push_back(name);
  return names;
}

}  // namespace foster
