// SPDX-License-Identifier: MIT
#include "tui/log_text.h"

#include <catch2/catch.hpp>
#include <random>

#include "tui/text_width.h"

namespace foster::tui {
namespace {

std::string Shown(std::string_view text) {
  Line line = LogCells(text);
  Grid grid(static_cast<int>(line.size()) + 1, 1);
  grid.Put(grid.area(), 0, 0, line);
  return grid.RowText(0);
}

TEST_CASE("colours of a log line are kept") {
  Line line = LogCells("a\x1b[1;31mb\x1b[0mc\x1b[38;5;200md\x1b[48;2;255;0;0me\x1b[97;39;49mf");
  REQUIRE(line.size() == 6);
  CHECK(line[0].style == Style{});
  CHECK(line[1].style == Style{1, -1, kBold});
  CHECK(line[2].style == Style{});
  CHECK(line[3].style == Style{200, -1, 0});
  CHECK(line[4].style == Style{200, 196, 0});
  CHECK(line[5].style == Style{});
}

TEST_CASE("every other escape sequence is dropped") {
  CHECK(Shown("a\x1b[2Jb\x1b[10;10Hc\x1b[?1049hd") == "abcd");
  CHECK(Shown("a\x1b]0;title\x07"
              "b\x1b]8;;http://x\x1b\\c") == "abc");
  CHECK(Shown("a\x1bPq#0\x1b\\b\x1b(0c\x1b"
              "cd\x1b[6n") == "abcd");
  CHECK(Shown("a\x1b[31") == "a");
  CHECK(Shown("a\x1b]0;never ends") == "a");
  CHECK(Shown("a\x1b") == "a");
}

TEST_CASE("progress lines overwrite themselves") {
  CHECK(Shown("10%\r50%\r100%") == "100%");
  CHECK(Shown("downloading\rdone") == "doneloading");
  CHECK(Shown("downloading\r\x1b[Kdone") == "done");
  CHECK(Shown("downloading\x1b[2K\rdone") == "done");
  CHECK(Shown("ab\b\bxy") == "xy");
  CHECK(Shown("text\r") == "text");  // CRLF
  CHECK(Shown("\xe4\xb8\xad\rx") == "x");
}

TEST_CASE("tabs go to the next stop, other control characters become visible") {
  CHECK(Shown("a\tb") == "a       b");
  CHECK(Shown("a\x07") == "a^G");
}

TEST_CASE("any bytes give cells without control characters or half characters, and not too many") {
  std::mt19937 random(7);
  const std::string parts[] = {"\x1b[",
                               "\x1b]",
                               "m",
                               "K",
                               "G",
                               "31",
                               ";",
                               "\r",
                               "\b",
                               "\t",
                               "\xe4\xb8\xad",
                               "\xcc\x81",
                               "a",
                               "\x9b",
                               "\xff",
                               "\x1b\\",
                               "\x07",
                               "999999",
                               "\xf0\x9f\x98\x80",
                               "H",
                               "\x1bP"};
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto n = random() % 24; n > 0; --n)
      text += random() % 4 == 0 ? std::string(1, static_cast<char>(random()))
                                : parts[random() % std::size(parts)];
    Line line = LogCells(text);
    REQUIRE(line.size() <= kMaxLogColumns);
    for (std::size_t k = 0; k < line.size(); ++k) {
      bool wide = line[k].text != 0 && CharWidth(line[k].text) == 2;
      if (line[k].text != 0) REQUIRE(!IsControl(line[k].text));
      REQUIRE(wide == (k + 1 < line.size() && line[k + 1].text == 0));
    }
  }
  CHECK(LogCells(std::string(100000, 'x')).size() == kMaxLogColumns);
  CHECK(LogCells("\x1b[999999Gx").size() <= kMaxLogColumns);
}

}  // namespace
}  // namespace foster::tui
