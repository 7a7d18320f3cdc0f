// SPDX-License-Identifier: MIT
#include "cli/duration.h"

#include <algorithm>

namespace foster::cli {
namespace {

std::string Two(std::int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

}  // namespace

std::string FormatAge(std::int64_t ms) {
  const std::int64_t seconds = std::max<std::int64_t>(ms, 0) / 1000;
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  if (minutes == 0) return std::to_string(seconds) + "s";
  if (hours == 0) return std::to_string(minutes) + "m" + Two(seconds % 60) + "s";
  if (hours < 24) return std::to_string(hours) + "h" + Two(minutes % 60) + "m";
  return std::to_string(hours / 24) + "d" + Two(hours % 24) + "h";
}

}  // namespace foster::cli
