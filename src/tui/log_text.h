// SPDX-License-Identifier: MIT
// One line of a service's log into cells: colours (SGR) are kept, `\r`, backspace and erasing do what they
// would do to a progress line, every other escape sequence is dropped, every other control character is made
// visible. Not: a terminal emulator (no cursor movement up or down). Called by: render. Invariant: at most
// kMaxLogColumns cells; nothing in them can reach the terminal as a control character.
#pragma once

#include <string_view>

#include "tui/grid.h"

namespace foster::tui {

inline constexpr std::size_t kMaxLogColumns = 16384;

Line LogCells(std::string_view text);

}  // namespace foster::tui
