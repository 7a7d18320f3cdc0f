// SPDX-License-Identifier: MIT
#include "tui/render.h"

#include <algorithm>

#include "tui/render_parts.h"

namespace foster::tui {

int Canvas::Text(const Rect& area, int x, int row, std::string_view text, int columns, Style style,
                 Cut cut) const {
  return grid->Put(area, area.x + x, area.y + row, Fit(TextLine(text, style), columns, cut, ellipsis()));
}

StateLook LookOf(const ServiceStatus& status) {
  switch (status.state) {
    case State::kStopped:
      return {U'\u25CB', U'-', 8};
    case State::kWaiting:
      return {U'\u25CC', U'.', 6};
    case State::kStarting:
      return {U'\u25D0', U'>', 3};
    case State::kRunning:
      return {U'\u25CF', U'*', 2};
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      return {U'\u25D1', U'<', 3};
    case State::kBackoff:
      return {U'\u21BB', U'@', 3};
    case State::kExited: {
      bool well = status.exit_code.value_or(0) == 0 && !status.exit_signal;
      return {U'\u2714', U'v', static_cast<std::int16_t>(well ? 4 : 3)};
    }
    case State::kFailed:
      return {U'\u2716', U'X', 1};
  }
  return {U'?', U'?', -1};
}

Layout LayoutOf(const View& view, int width, int height) {
  return MakeLayout(width, height, !view.model.Fallbacks().empty(), view.model.shown().size(), view.zoom);
}

std::size_t LogPage(const View&, const Layout& layout) {
  return static_cast<std::size_t>(std::max(layout.log.height, 1));
}

Grid Render(const View& view, int width, int height, MonoTime now, Shapes shapes) {
  Grid grid(width, height);
  Canvas canvas{&grid, &view, now, shapes};
  Layout layout = LayoutOf(view, width, height);
  if (layout.too_small) {
    canvas.Text(grid.area(), 0, 0, "too small", width);
    canvas.Text(grid.area(), 0, 1, "(20x5)", width);
    return grid;
  }
  DrawHeader(canvas, layout.header);
  DrawBanner(canvas, layout.banner);
  DrawTable(canvas, layout);
  DrawLog(canvas, layout);
  DrawFooter(canvas, layout);
  DrawDialog(canvas);
  return grid;
}

}  // namespace foster::tui
