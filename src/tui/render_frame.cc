// SPDX-License-Identifier: MIT
// Header, banner, footer and boxes.
#include <algorithm>

#include "tui/render_parts.h"

namespace foster::tui {
namespace {

// "5 running", or "5" with its shape when there is little room.
void DrawCounts(const Canvas& canvas, const Rect& area, int x) {
  auto counts = canvas.view->model.Counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    ServiceStatus status;
    status.state = static_cast<State>(i);
    StateLook look = LookOf(status);
    Line shape{{canvas.Shape(look.symbol, look.ascii), 0, {.foreground = look.colour}}};
    std::string text = " " + std::to_string(counts[i]);
    if (area.width >= 80) text += " " + std::string(NameOf(status.state));
    if (x + 1 + TextColumns(text) > area.width) return;
    canvas.grid->Put(area, area.x + x, area.y, shape);
    x = canvas.Text(area, x + 1, 0, text, area.width) - area.x + 2;
  }
}

std::string ConnectionText(const View& view) {
  if (view.connection == Connection::kConnecting)
    return "connecting" + (view.connection_text.empty() ? "" : ": " + view.connection_text);
  if (view.connection == Connection::kLost) return "reconnecting: " + view.connection_text;
  if (view.stopping) return "the container is stopping";
  return view.read_only ? "read only" : "";
}

void DrawBox(const Canvas& canvas, const Rect& box, const std::string& title) {
  canvas.grid->Fill(box, Cell{});
  auto put = [&](int x, int y, char32_t unicode, char32_t ascii) {
    canvas.grid->Put(box, x, y, Line{{canvas.Shape(unicode, ascii), 0, {}}});
  };
  for (int x = box.x + 1; x < box.right() - 1; ++x) {
    put(x, box.y, U'\u2500', U'-');
    put(x, box.bottom() - 1, U'\u2500', U'-');
  }
  for (int y = box.y + 1; y < box.bottom() - 1; ++y) {
    put(box.x, y, U'\u2502', U'|');
    put(box.right() - 1, y, U'\u2502', U'|');
  }
  put(box.x, box.y, U'\u250C', U'+');
  put(box.right() - 1, box.y, U'\u2510', U'+');
  put(box.x, box.bottom() - 1, U'\u2514', U'+');
  put(box.right() - 1, box.bottom() - 1, U'\u2518', U'+');
  canvas.Text(box, 2, 0, " " + title + " ", box.width - 4, {.attributes = kBold});
}

}  // namespace

void DrawHeader(const Canvas& canvas, const Rect& area) {
  const View& view = *canvas.view;
  std::string name = "foster";
  if (!view.version.empty() && area.width >= 60) name += " " + view.version;
  int x = canvas.Text(area, 0, 0, name, area.width, {.attributes = kBold}) + 1;
  if (!view.host.empty() && area.width >= 60) x = canvas.Text(area, x, 0, view.host, 24) + 1;
  std::string connection = ConnectionText(view);
  if (!connection.empty()) {
    Style warning{.foreground = 3, .attributes = kBold};
    x = canvas.Text(area, x, 0, connection, area.width - x, warning) + 2;
  }
  DrawCounts(canvas, area, x);
}

void DrawBanner(const Canvas& canvas, const Rect& area) {
  if (area.empty()) return;
  std::string seeds;
  std::string nothing;
  for (const WorkloadStatus* workload : canvas.view->model.Fallbacks()) {
    std::string& list = workload->source == "seed" ? seeds : nothing;
    list += (list.empty() ? "" : ", ") + workload->name;
  }
  std::string text = " ! ";
  if (!seeds.empty()) text += "SEED in use: " + seeds;
  if (!nothing.empty()) text += std::string(seeds.empty() ? "" : "; ") + "NO CONFIG: " + nothing;
  if (area.width >= 60) text += " - the project's config was not usable; b says why";
  Style style{.foreground = 15, .background = 1, .attributes = kBold};
  canvas.grid->Fill(area, Cell{U' ', 0, style});
  canvas.Text(area, 0, 0, text, area.width, style);
}

std::vector<Button> Buttons(const Rect& footer) {
  std::vector<Button> out;
  int x = footer.x;
  // From the left, but quit and help always have their place on the right end.
  int reserved = 0;
  for (std::size_t i = 0; i < kKeyRowCount; ++i) {
    const KeyRow& row = kKeyRows[i];
    if (row.button.empty()) continue;
    std::string keys(row.keys.substr(0, row.keys.find(' ')));
    int width = TextColumns(keys) + 1 + TextColumns(row.button);
    bool last = row.action == Action::kHelp || row.action == Action::kQuit;
    if (reserved == 0) reserved = 14;  // "? help  q quit"
    if (x + width + (last ? 0 : 2 + reserved) > footer.right()) continue;
    out.push_back({row.action, keys, std::string(row.button), {x, footer.y, width, 1}});
    x += width + 2;
  }
  return out;
}

void DrawFooter(const Canvas& canvas, const Layout& layout) {
  const View& view = *canvas.view;
  bool own_row = layout.message.y != layout.footer.y;
  bool speaks = view.filtering || !view.message.empty();
  if (own_row || !speaks) {
    for (const Button& button : Buttons(layout.footer)) {
      int x = button.area.x - layout.footer.x;
      x = canvas.Text(layout.footer, x, 0, button.keys, 12, {.attributes = kReverse}) - layout.footer.x;
      canvas.Text(layout.footer, x + 1, 0, button.word, 12);
    }
  }
  if (view.filtering) {
    std::string typed = "filter: " + view.model.filter() + "_";
    canvas.Text(layout.message, 0, 0, typed, layout.message.width, {.attributes = kBold}, Cut::kStart);
  } else if (!view.message.empty()) {
    Style style{.foreground = static_cast<std::int16_t>(view.message_is_error ? 1 : -1), .attributes = kBold};
    canvas.Text(layout.message, 0, 0, view.message, layout.message.width, style);
  } else if (own_row) {
    const Service* service = view.model.selected();
    if (service != nullptr)
      canvas.Text(layout.message, 0, 0, service->status.cause, layout.message.width, {.attributes = kDim});
  }
}

DialogLook LookOf(const Dialog& dialog, int width, int height) {
  DialogLook look;
  int widest = TextColumns(dialog.title) + 6;
  for (const auto& text : dialog.lines) {
    for (Line& line : WrapLine(TextLine(text), width - 4, 4)) {
      widest = std::max(widest, static_cast<int>(line.size()) + 4);
      look.lines.push_back(std::move(line));
    }
  }
  int count = static_cast<int>(look.lines.size());
  Rect& box = look.box;
  box.width = std::min(widest, width);
  box.height = std::min(count + 2, height);
  box.x = (width - box.width) / 2;
  box.y = (height - box.height) / 2;
  int room = std::max(box.height - 2, 1);
  bool list = dialog.kind == Dialog::Kind::kSignals;
  look.first = std::clamp(list ? dialog.top - room / 2 : dialog.top, 0, std::max(0, count - room));
  return look;
}

void DrawDialog(const Canvas& canvas) {
  const Dialog& dialog = canvas.view->dialog;
  if (dialog.kind == Dialog::Kind::kNone) return;
  DialogLook look = LookOf(dialog, canvas.grid->width(), canvas.grid->height());
  const Rect& box = look.box;
  DrawBox(canvas, box, dialog.title);
  Rect inside{box.x + 2, box.y + 1, box.width - 4, box.height - 2};
  for (int row = 0; row < inside.height; ++row) {
    auto index = static_cast<std::size_t>(look.first + row);
    if (index >= look.lines.size()) break;
    canvas.grid->Put(inside, inside.x, inside.y + row, look.lines[index]);
    bool chosen = dialog.kind == Dialog::Kind::kSignals && look.first + row == dialog.top;
    if (chosen) canvas.grid->Restyle({inside.x, inside.y + row, inside.width, 1}, kBarStyle);
  }
}

}  // namespace foster::tui
