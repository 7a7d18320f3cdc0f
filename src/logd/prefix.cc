// SPDX-License-Identifier: MIT
#include "logd/prefix.h"

#include <algorithm>
#include <array>

namespace foster {
namespace {

// Neither black and white, which are invisible on some terminals, nor red, which marks stderr.
constexpr std::array<std::string_view, 12> kColours = {"36", "32", "33", "35", "34", "96",
                                                       "92", "93", "95", "94", "37", "90"};
constexpr std::string_view kReset = "\033[0m";

std::string Build(const std::string& name, const PrefixStyle& style, char mark) {
  if (!style.is_coloured) return name + ' ' + mark + ' ';
  std::string text = "\033[0;";
  text.append(kColours[style.colour % kColours.size()]).append("m").append(name).append(" ");
  if (style.stream == 1) text.append("\033[0;1;31m");
  text += mark;
  return text.append(kReset).append(" ");
}

}  // namespace

std::string ShownName(std::string_view name) {
  if (name.size() <= kPrefixColumns) return std::string(name);
  constexpr std::size_t kFront = (kPrefixColumns - 2) / 2;
  constexpr std::size_t kBack = kPrefixColumns - 2 - kFront;
  return std::string(name.substr(0, kFront)) + ".." + std::string(name.substr(name.size() - kBack));
}

Prefix MakePrefix(std::string_view name, const PrefixStyle& style) {
  std::string shown = ShownName(name);
  shown.resize(std::max(shown.size(), std::min(style.width, kPrefixColumns)), ' ');
  return {Build(shown, style, '|'), Build(shown, style, '+')};
}

}  // namespace foster
