// SPDX-License-Identifier: MIT
// Two grids into the bytes that turn the first into the second on a terminal, in sequences that every
// terminal since the VT100 knows (ECMA-48), so that no terminfo database and no locale is needed. Not:
// writing them (screen.h). Called by: screen, tests. Invariants: pure; every byte >= 0x20 but the ESC of a
// sequence of ours, whatever the cells hold; equal grids give no byte.
#pragma once

#include <string>
#include <string_view>

#include "tui/grid.h"

namespace foster::tui {

// What the terminal can do, read from the environment.
struct Terminal {
  int colours = 256;             // 0, 8 or 256
  bool utf8 = true;              // characters beyond ASCII can be sent; else '?' and ASCII shapes
  bool symbols = true;           // its font has the shapes of the states (the Linux console's has not)
  bool alternate_screen = true;  // it has a second screen to draw on; else it is cleared at the end
};

struct TerminalNames {
  std::string_view term{};
  std::string_view colorterm{};
  std::string_view locale{};  // the first of LC_ALL, LC_CTYPE and LANG that is set
  bool no_color = false;      // NO_COLOR is set and not empty
};
// False: no terminal that can be drawn on (TERM missing, empty, "dumb" or "unknown").
bool TerminalFromNames(const TerminalNames& names, Terminal* terminal);

// `before` of another size than `now`: everything is drawn anew.
std::string Paint(const Grid& before, const Grid& now, const Terminal& terminal);

// What takes the terminal over and what gives it back. `Leave` also ends a sequence that was cut off in the
// middle.
std::string EnterBytes(const Terminal& terminal, bool mouse);
std::string LeaveBytes(const Terminal& terminal);
std::string MouseBytes(bool on);

}  // namespace foster::tui
