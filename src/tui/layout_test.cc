// SPDX-License-Identifier: MIT
#include "tui/layout.h"

#include <catch2/catch.hpp>

namespace foster::tui {
namespace {

bool Overlap(const Rect& a, const Rect& b) {
  return !a.empty() && !b.empty() && a.x < b.right() && b.x < a.right() && a.y < b.bottom() &&
         b.y < a.bottom();
}

TEST_CASE("at every size the rectangles lie on the screen and apart, and the log can be seen") {
  for (int width = 1; width <= 320; width += width < 50 ? 1 : 13)
    for (int height = 1; height <= 90; height += height < 30 ? 1 : 7)
      for (std::size_t rows : {0u, 1u, 5u, 1000u})
        for (Zoom zoom : {Zoom::kNone, Zoom::kLog, Zoom::kTable})
          for (bool banner : {false, true}) {
            CAPTURE(width, height, rows, banner);
            Layout out = MakeLayout(width, height, banner, rows, zoom);
            REQUIRE(out.too_small == (width < 20 || height < 5));
            if (out.too_small) continue;
            const Rect all[] = {out.header,    out.banner, out.table_head, out.table,
                                out.log_title, out.log,    out.footer};
            for (const Rect& a : all) {
              REQUIRE((a.x >= 0 && a.y >= 0 && a.right() <= width && a.bottom() <= height));
              for (const Rect& b : all)
                if (&a != &b) REQUIRE(!Overlap(a, b));
            }
            if (zoom == Zoom::kLog && height > 6) REQUIRE(out.table.empty());
            if (zoom == Zoom::kTable) REQUIRE(out.log.empty());
            if (zoom == Zoom::kNone && height >= 10) REQUIRE((out.log.height >= 3 && out.table.height >= 1));
          }
}

TEST_CASE("columns of the table never overlap and never leave it") {
  for (int width = 20; width <= 320; ++width)
    for (int name : {1, 12, 40, 64})
      for (int workload : {0, 5, 40}) {
        Columns c = MakeColumns(width, name, workload);
        int edge = 0;
        for (const Column* column :
             {&c.symbol, &c.name, &c.workload, &c.state, &c.age, &c.pid, &c.restarts, &c.cause}) {
          if (column->width == 0) continue;
          REQUIRE(column->x >= edge);
          edge = column->x + column->width;
        }
        REQUIRE(edge <= width);
        if (width >= 40) REQUIRE((c.state.width > 0 && c.age.width > 0));
        if (width >= 120) REQUIRE(c.cause.width > 0);
      }
}

}  // namespace
}  // namespace foster::tui
