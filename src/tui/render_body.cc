// SPDX-License-Identifier: MIT
// The table of services and the log of the selected one.
#include <algorithm>

#include "tui/log_text.h"
#include "tui/render_parts.h"

namespace foster::tui {
namespace {

std::string_view BareName(const ServiceStatus& status) {
  std::string_view name = status.name;
  if (!status.workload.empty() && name.starts_with(status.workload + "/"))
    name.remove_prefix(status.workload.size() + 1);
  return name;
}

Columns ColumnsOf(const View& view, int width) {
  int full = 4;
  int bare = 4;
  int workload = 0;
  for (const Service* service : view.model.shown()) {
    // Bytes, not columns: this is asked for every service at every frame, and is only a wish.
    full = std::max(full, static_cast<int>(std::min<std::size_t>(service->status.name.size(), 64)));
    bare = std::max(bare, static_cast<int>(std::min<std::size_t>(BareName(service->status).size(), 64)));
    workload =
        std::max(workload, static_cast<int>(std::min<std::size_t>(service->status.workload.size(), 64)));
  }
  Columns columns = MakeColumns(width, bare, workload);
  return columns.workload.width > 0 ? columns : MakeColumns(width, full, 0);
}

void DrawTitles(const Canvas& canvas, const Rect& area, const Columns& columns) {
  Style style{.attributes = kUnderline};
  canvas.grid->Fill(area, Cell{U' ', 0, style});
  auto title = [&](const Column& column, std::string_view text, bool right = false) {
    int blank = right ? std::max(column.width - static_cast<int>(text.size()), 0) : 0;
    if (column.width > 0) canvas.Text(area, column.x + blank, 0, text, column.width - blank, style);
  };
  title(columns.name, "NAME");
  title(columns.workload, "WORKLOAD");
  title(columns.state, "STATE");
  title(columns.age, "AGE", true);
  title(columns.pid, "PID", true);
  title(columns.restarts, "RST", true);
  title(columns.cause, "CAUSE");
}

void DrawRow(const Canvas& canvas, const Rect& row, const Columns& columns, const Service& service) {
  const ServiceStatus& status = service.status;
  StateLook look = LookOf(status);
  Style coloured{.foreground = look.colour};
  auto right = [&](const Column& column, const std::string& text) {
    int blank = std::max(column.width - static_cast<int>(text.size()), 0);
    if (column.width > 0) canvas.Text(row, column.x + blank, 0, text, column.width - blank);
  };
  canvas.grid->Put(row, row.x, row.y, Line{{canvas.Shape(look.symbol, look.ascii), 0, coloured}});
  std::string name(columns.workload.width > 0 ? BareName(status) : status.name);
  canvas.Text(row, columns.name.x, 0, name, columns.name.width, {}, Cut::kStart);
  if (columns.workload.width > 0)
    canvas.Text(row, columns.workload.x, 0, status.workload, columns.workload.width, {.attributes = kDim});
  canvas.Text(row, columns.state.x, 0, NameOf(status.state), columns.state.width, coloured);
  right(columns.age, AgeText(Age(service, canvas.now)));
  right(columns.pid, status.pid > 0 ? std::to_string(status.pid) : "-");
  right(columns.restarts, status.restarts > 0 ? std::to_string(status.restarts) : "-");
  if (columns.cause.width > 0)
    canvas.Text(row, columns.cause.x, 0, status.cause, columns.cause.width, {.attributes = kDim});
}

// "12:34:56.789" out of "2026-01-02T12:34:56.789Z".
std::string_view ClockPart(std::string_view time) {
  return time.size() >= 23 && time[10] == 'T' ? time.substr(11, 12) : std::string_view();
}

Line EntryCells(const View& view, const LogEntry& entry) {
  Line cells;
  if (view.times) cells = TextLine(std::string(ClockPart(entry.time)) + " ", {.attributes = kDim});
  if (entry.is_error && view.times) cells.back() = Cell{U'!', 0, {.foreground = 1}};
  Line text = LogCells(entry.text);
  cells.insert(cells.end(), text.begin(), text.end());
  return cells;
}

// Where the rows of a wrapped line begin; a wide character is never split.
std::vector<int> RowStarts(const Line& line, int width) {
  std::vector<int> starts{0};
  for (int at = width; at < static_cast<int>(line.size()); at = starts.back() + width) {
    if (line[static_cast<std::size_t>(at)].text == 0 && width > 1) --at;
    starts.push_back(at);
  }
  return starts;
}

// Filled from the newest line upwards, so that following needs no rule of its own.
void DrawLines(const Canvas& canvas, const Rect& area) {
  const View& view = *canvas.view;
  if (area.empty()) return;
  auto height = static_cast<std::size_t>(area.height);
  std::vector<Line> rows;  // the last one first
  for (std::uint64_t n = view.log.bottom(); n > view.log.first() && rows.size() < height;) {
    Line cells = EntryCells(view, view.log.line(--n));
    if (!view.wrap) {
      rows.push_back(std::move(cells));
      continue;
    }
    std::vector<int> starts = RowStarts(cells, area.width);
    for (std::size_t i = starts.size(); i > 0 && rows.size() < height; --i) {
      int end = i < starts.size() ? starts[i] : static_cast<int>(cells.size());
      rows.emplace_back(cells.begin() + starts[i - 1], cells.begin() + end);
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i)
    canvas.grid->Put(area, area.x, area.y + static_cast<int>(i), rows[rows.size() - 1 - i],
                     view.wrap ? 0 : view.left);
}

}  // namespace

void DrawTable(const Canvas& canvas, const Layout& layout) {
  if (layout.table_head.empty()) return;
  const View& view = *canvas.view;
  Columns columns = ColumnsOf(view, layout.table.width);
  DrawTitles(canvas, layout.table_head, columns);
  const auto& shown = view.model.shown();
  if (shown.empty() && layout.table.height > 0) {
    bool hidden = view.model.total() > 0;
    canvas.Text(layout.table, 0, 0, hidden ? "no service matches" : "no services", layout.table.width);
  }
  for (int row = 0; row < layout.table.height; ++row) {
    auto index = static_cast<std::size_t>(view.model.top() + row);
    if (index >= shown.size()) break;
    Rect area{layout.table.x, layout.table.y + row, layout.table.width, 1};
    DrawRow(canvas, area, columns, *shown[index]);
    if (static_cast<int>(index) == view.model.selected_row())
      canvas.grid->Restyle(area, view.log_focused ? Style{.attributes = kUnderline | kBold} : kBarStyle);
  }
}

void DrawLog(const Canvas& canvas, const Layout& layout) {
  if (layout.log_title.empty()) return;
  const View& view = *canvas.view;
  const Rect& title = layout.log_title;
  if (layout.side_by_side)
    for (int y = title.y; y < layout.log.bottom(); ++y)
      canvas.grid->Put(canvas.grid->area(), title.x - 1, y,
                       Line{{canvas.Shape(U'\u2502', U'|'), 0, {.attributes = kDim}}});
  char32_t dash = canvas.Shape(U'\u2500', U'-');
  Style style{.attributes = static_cast<std::uint8_t>(view.log_focused ? kBold : kDim)};
  canvas.grid->Fill(title, Cell{dash, 0, style});
  std::string state =
      view.log.follow() ? "following" : std::to_string(view.log.end() - view.log.bottom()) + " below";
  if (view.wrap) state += ", wrapped";
  if (view.left > 0 && !view.wrap) state += ", +" + std::to_string(view.left);
  state = " " + state + " ";
  int x =
      canvas.Text(title, 1, 0, " " + view.log_name + " ", title.width - 2, {.attributes = kBold}) - title.x;
  int at = std::max(x + 1, title.width - static_cast<int>(state.size()) - 1);
  canvas.Text(title, at, 0, state, title.width - at, style);
  DrawLines(canvas, layout.log);
}

}  // namespace foster::tui
