// SPDX-License-Identifier: MIT
// Which characters are wide and which are combining: sorted ranges of code points (Unicode 14/15 properties
// East_Asian_Width W and F; General_Category Mn and Me). Not: rules (text_width.cc). Called by:
// text_width.cc.
#pragma once

#include <cstddef>

namespace foster::tui {

struct CharRange {
  char32_t first;
  char32_t last;
};

extern const CharRange kWide[];
extern const std::size_t kWideCount;
extern const CharRange kCombining[];
extern const std::size_t kCombiningCount;

}  // namespace foster::tui
