// SPDX-License-Identifier: MIT
// Prefix: what stands before every line on foster's stdout, "name   | ", in the service's colour.
// Not: the line (renderer.h). Called by: feeder. Invariant: pure; names are shown whole up to 24 columns,
// then cut in the middle, where names of one workload differ least often.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace foster {

inline constexpr std::size_t kPrefixColumns = 24;

struct Prefix {
  std::string whole;      // before a line
  std::string continued;  // before the rest of a line whose beginning was printed as a line of its own
};

struct PrefixStyle {
  std::uint32_t stream = 0;
  std::uint32_t colour = 0;
  std::size_t width = 0;  // columns that the longest name so far takes
  bool is_coloured = false;
};

// `name` as it is shown: at most kPrefixColumns bytes.
std::string ShownName(std::string_view name);
Prefix MakePrefix(std::string_view name, const PrefixStyle& style);

}  // namespace foster
