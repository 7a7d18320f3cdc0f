// SPDX-License-Identifier: MIT
// Where everything goes on a screen of a given size. Not: drawing (render.h). Called by: render, controller
// (clicks, page sizes). Invariants: pure; the rectangles lie within the screen and do not overlap; below 20x5
// nothing fits.
#pragma once

#include "tui/grid.h"

namespace foster::tui {

enum class Zoom : std::uint8_t { kNone, kLog, kTable };

struct Layout {
  bool too_small = false;
  bool side_by_side = false;
  Rect header;
  Rect banner;      // empty when there is nothing to warn of
  Rect table_head;  // column titles
  Rect table;       // rows
  Rect log_title;
  Rect log;
  Rect message;  // the last message or the filter being typed; shares the footer's row on low screens
  Rect footer;
};

Layout MakeLayout(int width, int height, bool banner, std::size_t rows, Zoom zoom);

// A column of the table: its left edge relative to the table and its width; 0 = there is no room for it.
struct Column {
  int x = 0;
  int width = 0;
};
struct Columns {
  Column symbol, name, state, age, pid, restarts, workload, cause;
};
// `longest_name`, `longest_workload`: columns that they would like to have.
Columns MakeColumns(int width, int longest_name, int longest_workload);

}  // namespace foster::tui
