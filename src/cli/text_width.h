// SPDX-License-Identifier: MIT
// How many columns a text takes on a terminal, and texts cut to that. The tables are the TUI's
// (tui/text_width.h). Not: cells or styles. Called by: table, logs, outcome. Invariant: a width is never
// negative.
#pragma once

#include <string>
#include <string_view>

namespace foster::cli {

int DisplayWidth(std::string_view text);

// `text` cut to at most `width` columns, with "…" at the end when something was cut.
std::string CutToWidth(std::string_view text, int width);

// Control characters (and a lone ESC) as '?', so that a text from outside cannot move the cursor.
std::string Harmless(std::string_view text);

}  // namespace foster::cli
