// SPDX-License-Identifier: MIT
// Render: a View and a size into a grid of cells. Not: writing to a terminal (paint.h, screen.h). Called by:
// tui.cc, tests. Invariants: pure; nothing is drawn outside the grid; text from outside goes through
// text_width or log_text.
#pragma once

#include <vector>

#include "tui/grid.h"
#include "tui/view.h"

namespace foster::tui {

// ASCII shapes instead of symbols.
enum class Shapes : std::uint8_t { kUnicode, kAscii };

Grid Render(const View& view, int width, int height, MonoTime now, Shapes shapes = Shapes::kUnicode);

// The shape and colour of a state.
struct StateLook {
  char32_t symbol;
  char32_t ascii;
  std::int16_t colour;
};
StateLook LookOf(const ServiceStatus& status);

// The words at the bottom that can be clicked.
struct Button {
  Action action;
  std::string keys;
  std::string word;
  Rect area;
};
std::vector<Button> Buttons(const Rect& footer);

// The box's lines, wrapped to what a screen of this size shows, and where the box goes.
struct DialogLook {
  Rect box;
  std::vector<Line> lines;
  int first = 0;  // the line at the top of the box
};
DialogLook LookOf(const Dialog& dialog, int width, int height);

// How many of a service's log lines fit, newest at the bottom: for paging.
std::size_t LogPage(const View& view, const Layout& layout);

}  // namespace foster::tui
