// SPDX-License-Identifier: MIT
#include "tui/layout.h"

#include <algorithm>

namespace foster::tui {
namespace {

constexpr int kSideBySideWidth = 160;
constexpr int kOwnMessageHeight = 14;  // from here on messages have a row of their own

// The rows of `area` shared out among table and log, one above the other.
void Stack(Rect area, std::size_t rows, Zoom zoom, Layout* out) {
  int height = area.height;
  int table = 0;
  if (zoom == Zoom::kTable || (zoom == Zoom::kNone && height < 5)) {
    table = height;
  } else if (zoom == Zoom::kNone) {
    int wanted = static_cast<int>(std::min<std::size_t>(rows, 500)) + 1;
    table = std::clamp(wanted, 2, std::max(2, height / 2));
  }
  if (table > 0) {
    out->table_head = {area.x, area.y, area.width, 1};
    out->table = {area.x, area.y + 1, area.width, table - 1};
  }
  if (table < height) {
    out->log_title = {area.x, area.y + table, area.width, 1};
    out->log = {area.x, area.y + table + 1, area.width, height - table - 1};
  }
}

}  // namespace

Layout MakeLayout(int width, int height, bool banner, std::size_t rows, Zoom zoom) {
  Layout out;
  out.too_small = width < 20 || height < 5;
  if (out.too_small) return out;
  out.header = {0, 0, width, 1};
  int top = 1;
  if (banner && height >= 7) {
    out.banner = {0, top, width, 1};
    ++top;
  }
  out.footer = {0, height - 1, width, 1};
  int bottom = height - 1;
  if (height >= kOwnMessageHeight) --bottom;
  out.message = {0, height >= kOwnMessageHeight ? bottom : height - 1, width, 1};
  out.side_by_side = width >= kSideBySideWidth && zoom == Zoom::kNone;
  Rect body{0, top, width, bottom - top};
  if (!out.side_by_side) {
    Stack(body, rows, zoom, &out);
    return out;
  }
  int left = std::min(width / 2, 110);
  out.table_head = {0, top, left, 1};
  out.table = {0, top + 1, left, body.height - 1};
  out.log_title = {left + 1, top, width - left - 1, 1};
  out.log = {left + 1, top + 1, width - left - 1, body.height - 1};
  return out;
}

Columns MakeColumns(int width, int longest_name, int longest_workload) {
  Columns c;
  constexpr int kStateWidth = 9;
  c.symbol = {0, 1};
  int room = width - 2;
  int name = std::clamp(longest_name, 4, 32);
  int least_name = std::min(name, 12);
  int used = 0;  // of the columns right of the name, blanks included
  auto take = [&](Column* column, int columns, int name_wants) {
    if (used + columns + 1 + name_wants > room) return;
    column->width = columns;
    used += columns + 1;
  };
  take(&c.state, kStateWidth, least_name);
  take(&c.age, 5, least_name);
  take(&c.restarts, 4, name);
  take(&c.pid, 7, name);
  if (longest_workload > 0) take(&c.workload, std::clamp(longest_workload, 8, 16), name);
  int rest = room - used - name - 1;
  if (rest >= 12) take(&c.cause, rest, name);
  c.name = {2, std::max(c.cause.width > 0 ? name : room - used, 1)};
  int x = c.name.x + c.name.width + 1;
  for (Column* column : {&c.workload, &c.state, &c.age, &c.pid, &c.restarts, &c.cause}) {
    if (column->width == 0) continue;
    column->x = x;
    x += column->width + 1;
  }
  return c;
}

}  // namespace foster::tui
