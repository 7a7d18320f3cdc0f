// SPDX-License-Identifier: MIT
#include "cli/signal_names.h"

#include <cctype>
#include <charconv>
#include <csignal>
#include <cstring>
#include <vector>

#include "formats/suggest.h"

namespace foster::cli {
namespace {

// "sigTerm" -> "TERM".
std::string Normal(std::string_view name) {
  std::string upper;
  for (char c : name) upper.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  return upper.rfind("SIG", 0) == 0 ? upper.substr(3) : upper;
}

}  // namespace

std::optional<int> SignalFromName(std::string_view name) {
  int number = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size()) {
    return number >= 1 && number < NSIG ? std::optional<int>(number) : std::nullopt;
  }
  const std::string wanted = Normal(name);
  for (int i = 1; i < NSIG; ++i) {
    const char* abbreviation = ::sigabbrev_np(i);
    if (abbreviation != nullptr && wanted == abbreviation) return i;
  }
  return std::nullopt;
}

std::string SignalHint(std::string_view name) {
  std::vector<std::string_view> known;
  for (int i = 1; i < NSIG; ++i)
    if (const char* abbreviation = ::sigabbrev_np(i)) known.push_back(abbreviation);
  return DidYouMean(Normal(name), known);
}

}  // namespace foster::cli
