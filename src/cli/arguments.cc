// SPDX-License-Identifier: MIT
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "cli/verb.h"

namespace foster::cli {
namespace {

constexpr double kMostSeconds = 1e9;

}  // namespace

std::string Arguments::Text(std::string_view name) const {
  auto found = values_.find(name);
  return found == values_.end() ? "" : found->second;
}

Result<std::int64_t> Arguments::Number(std::string_view name, std::int64_t otherwise,
                                       std::int64_t most) const {
  if (!Has(name)) return otherwise;
  const std::string text = Text(name);
  std::int64_t number = -1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= 0 && number <= most)
    return number;
  return Error(std::string(name) + " '" + text + "' is not a number from 0 to " + std::to_string(most));
}

Result<std::optional<Millis>> Arguments::Seconds(std::string_view name) const {
  if (!Has(name)) return std::optional<Millis>();
  const std::string text = Text(name);
  char* end = nullptr;
  double seconds = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(seconds) || seconds < 0 || seconds > kMostSeconds) {
    return Error(std::string(name) + " '" + text + "' is not a number of seconds");
  }
  return std::optional<Millis>(Millis(static_cast<Millis::rep>(seconds * 1000)));
}

}  // namespace foster::cli
