// SPDX-License-Identifier: MIT
// Grid: the screen as a rectangle of cells, and Line: one row of cells of any length. Not: a terminal
// (paint.h turns two grids into bytes). Called by: render, paint, screen, tests. Invariants: a cell whose
// text is 0 is the right half of the wide character on its left; Put never writes outside the clip rectangle
// nor leaves half a wide character.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace foster::tui {

enum Attribute : std::uint8_t { kBold = 1, kDim = 2, kUnderline = 4, kReverse = 8, kItalic = 16 };

struct Style {
  std::int16_t foreground = -1;  // -1: the terminal's own, else 0..255 of the 256-colour palette
  std::int16_t background = -1;
  std::uint8_t attributes = 0;
  bool operator==(const Style&) const = default;
};

struct Cell {
  char32_t text = U' ';
  char32_t mark = 0;  // one combining character on top
  Style style;
  bool operator==(const Cell&) const = default;
};

using Line = std::vector<Cell>;

struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  int right() const { return x + width; }
  int bottom() const { return y + height; }
  bool empty() const { return width <= 0 || height <= 0; }
  bool Contains(int column, int row) const {
    return column >= x && column < right() && row >= y && row < bottom();
  }
  bool operator==(const Rect&) const = default;
};

class Grid {
 public:
  Grid(int width, int height);
  int width() const { return width_; }
  int height() const { return height_; }
  const Cell& at(int x, int y) const { return cells_[Index(x, y)]; }
  Rect area() const { return {0, 0, width_, height_}; }

  void Fill(const Rect& area, const Cell& cell);
  // The columns of `line` from `from` on, at (x, y), cut to `clip`. Returns the column behind the last one
  // written.
  int Put(const Rect& clip, int x, int y, const Line& line, int from = 0);
  // Adds attributes and, where given, colours to what is there already (the bar of the selected row).
  void Restyle(const Rect& area, Style style);

  // One row as UTF-8, without the blanks at its end (tests).
  std::string RowText(int y) const;
  bool operator==(const Grid&) const = default;

 private:
  std::size_t Index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }
  void Set(int x, int y, const Cell& cell);

  int width_;
  int height_;
  std::vector<Cell> cells_;
};

}  // namespace foster::tui
