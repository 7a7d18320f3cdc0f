// SPDX-License-Identifier: MIT
// The parts of the screen, each drawn into its own rectangle. Not: where they go (layout.h). Called by:
// render.cc. Invariant: a part never writes outside its rectangle.
#pragma once

#include <string>

#include "tui/render.h"
#include "tui/text_width.h"

namespace foster::tui {

struct Canvas {
  Grid* grid;
  const View* view;
  MonoTime now;
  Shapes shapes;
  char32_t Shape(char32_t unicode, char32_t ascii) const {
    return shapes == Shapes::kUnicode ? unicode : ascii;
  }
  char32_t ellipsis() const { return Shape(U'\u2026', U'~'); }
  // `text` at column `x` of `area`'s row `row`, cut to `columns`. Returns the column behind it.
  int Text(const Rect& area, int x, int row, std::string_view text, int columns, Style style = {},
           Cut cut = Cut::kEnd) const;
};

inline constexpr Style kBarStyle{.attributes = kReverse};

void DrawHeader(const Canvas& canvas, const Rect& area);
void DrawBanner(const Canvas& canvas, const Rect& area);
void DrawTable(const Canvas& canvas, const Layout& layout);
void DrawLog(const Canvas& canvas, const Layout& layout);
void DrawFooter(const Canvas& canvas, const Layout& layout);
void DrawDialog(const Canvas& canvas);

}  // namespace foster::tui
