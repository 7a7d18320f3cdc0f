// SPDX-License-Identifier: MIT
// Table: rows of cells, aligned by display width, the last column cut when the terminal is narrower.
// Not: scrolling or wrapping. Called by: status, plan, help.
#pragma once

#include <string>
#include <vector>

#include "cli/console.h"

namespace foster::cli {

struct Cell {
  std::string text;
  Colour colour = Colour::kNone;
};

enum class Align { kLeft, kRight };

class Table {
 public:
  struct Column {
    std::string title;  // all empty: no head line
    Align align = Align::kLeft;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

  // Lines with '\n'; two spaces between columns, none at a line's end. `width` 0: nothing is cut.
  std::string Render(int width, bool colour) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace foster::cli
