// SPDX-License-Identifier: MIT
#include "cli/table.h"

#include <algorithm>
#include <utility>

#include "cli/text_width.h"

namespace foster::cli {
namespace {

constexpr int kGap = 2;
constexpr int kLeastLastColumn =
    8;  // a last column narrower than this is not cut further: the line wraps instead

std::string Pad(int columns) { return std::string(static_cast<std::size_t>(std::max(columns, 0)), ' '); }

std::string Painted(const Cell& cell, const std::string& text, bool colour) {
  return Console::Paint(colour, cell.colour, text);
}

}  // namespace

std::string Table::Render(int width, bool colour) const {
  const std::size_t count = columns_.size();
  std::vector<std::vector<Cell>> lines;
  bool has_titles =
      std::any_of(columns_.begin(), columns_.end(), [](const auto& c) { return !c.title.empty(); });
  if (has_titles) {
    auto& head = lines.emplace_back();
    for (const auto& column : columns_) head.push_back({column.title, Colour::kBold});
  }
  lines.insert(lines.end(), rows_.begin(), rows_.end());

  std::vector<int> widths(count, 0);
  for (const auto& line : lines)
    for (std::size_t i = 0; i < count; ++i) widths[i] = std::max(widths[i], DisplayWidth(line[i].text));
  int before_last = 0;
  for (std::size_t i = 0; i + 1 < count; ++i) before_last += widths[i] + kGap;
  int last = width > 0 ? std::max(width - before_last, kLeastLastColumn) : widths[count - 1];

  std::string out;
  for (const auto& line : lines) {
    std::string text;
    int owed = 0;  // spaces that are written only when something follows
    for (std::size_t i = 0; i < count; ++i) {
      std::string cell = i + 1 == count ? CutToWidth(line[i].text, last) : line[i].text;
      int room = widths[i] - DisplayWidth(cell);
      bool right = columns_[i].align == Align::kRight && i + 1 < count;
      if (right) owed += std::exchange(room, 0);
      if (!cell.empty()) text += Pad(std::exchange(owed, 0)) + Painted(line[i], cell, colour);
      owed += std::max(room, 0) + kGap;
    }
    out += text + "\n";
  }
  return out;
}

}  // namespace foster::cli
