// SPDX-License-Identifier: MIT
#include "tui/grid.h"

#include <algorithm>

#include "tui/text_width.h"

namespace foster::tui {
namespace {

Rect Intersect(const Rect& a, const Rect& b) {
  int x = std::max(a.x, b.x);
  int y = std::max(a.y, b.y);
  return {x, y, std::min(a.right(), b.right()) - x, std::min(a.bottom(), b.bottom()) - y};
}

}  // namespace

Grid::Grid(int width, int height)
    : width_(std::max(width, 0)),
      height_(std::max(height, 0)),
      cells_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)) {}

void Grid::Set(int x, int y, const Cell& cell) {
  // Overwriting one half of a wide character blanks the other one.
  if (at(x, y).text == 0 && x > 0) cells_[Index(x - 1, y)].text = U' ';
  if (x + 1 < width_ && at(x + 1, y).text == 0) cells_[Index(x + 1, y)].text = U' ';
  cells_[Index(x, y)] = cell;
}

void Grid::Fill(const Rect& area, const Cell& cell) {
  Rect r = Intersect(area, this->area());
  for (int y = r.y; y < r.bottom(); ++y)
    for (int x = r.x; x < r.right(); ++x) Set(x, y, cell);
}

int Grid::Put(const Rect& clip, int x, int y, const Line& line, int from) {
  Rect r = Intersect(clip, area());
  if (y < r.y || y >= r.bottom()) return x;
  for (auto i = static_cast<std::size_t>(std::max(from, 0)); i < line.size() && x < r.right(); ++i, ++x) {
    if (x < r.x) continue;
    Cell cell = line[i];
    bool wide = i + 1 < line.size() && line[i + 1].text == 0 && cell.text != 0;
    bool left_is_missing = cell.text == 0 && (x == r.x || i == static_cast<std::size_t>(std::max(from, 0)));
    if (left_is_missing || (wide && x + 1 >= r.right())) cell.text = U' ';
    if (cell.text == 0) {
      cells_[Index(x, y)] = cell;  // the right half: its left half was set just before
      if (x + 1 < width_ && at(x + 1, y).text == 0) cells_[Index(x + 1, y)].text = U' ';
    } else {
      Set(x, y, cell);
    }
  }
  return x;
}

void Grid::Restyle(const Rect& area, Style style) {
  Rect r = Intersect(area, this->area());
  for (int y = r.y; y < r.bottom(); ++y) {
    for (int x = r.x; x < r.right(); ++x) {
      Style& s = cells_[Index(x, y)].style;
      s.attributes = static_cast<std::uint8_t>(s.attributes | style.attributes);
      if (style.foreground >= 0) s.foreground = style.foreground;
      if (style.background >= 0) s.background = style.background;
    }
  }
}

std::string Grid::RowText(int y) const {
  std::string text;
  for (int x = 0; x < width_; ++x) {
    const Cell& cell = at(x, y);
    if (cell.text == 0) continue;
    AppendUtf8(cell.text, &text);
    if (cell.mark != 0) AppendUtf8(cell.mark, &text);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace foster::tui
