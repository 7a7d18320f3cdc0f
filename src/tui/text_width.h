// SPDX-License-Identifier: MIT
// Text into cells: UTF-8, how many columns a character takes, control characters made visible. No locale is
// asked: a static program in an empty image has none (glibc's C.UTF-8 is a file). Not: escape sequences
// (log_text.h). Called by: render, log_text, paint. Invariant: no cell holds a control character, whatever
// the bytes were.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tui/grid.h"

namespace foster::tui {

// The character at `*position`, which moves behind it. Malformed bytes: U+FFFD each. `*position` <
// text.size().
char32_t NextChar(std::string_view text, std::size_t* position);
void AppendUtf8(char32_t c, std::string* out);

// Columns: 0 for combining and other invisible characters, 2 for wide ones, else 1. Not for control
// characters.
int CharWidth(char32_t c);
// Control characters, and those that would turn the direction of the text around.
bool IsControl(char32_t c);

// Appends `c` to `line`: a combining character goes onto the last cell, a control character becomes visible
// ("^G").
void AppendChar(char32_t c, Style style, Line* line);
Line TextLine(std::string_view text, Style style = {});

// At most `columns` columns; what is too long ends (or, kStart, begins) with an ellipsis.
enum class Cut { kEnd, kStart };
Line Fit(const Line& line, int columns, Cut cut = Cut::kEnd, char32_t ellipsis = U'\u2026');
// Pieces of at most `columns` columns, cut at blanks where there are some; those after the first are
// indented.
std::vector<Line> WrapLine(const Line& line, int columns, int indent);
int TextColumns(std::string_view text);

}  // namespace foster::tui
