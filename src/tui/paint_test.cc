// SPDX-License-Identifier: MIT
#include "tui/paint.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "tui/text_width.h"

namespace foster::tui {
namespace {

// As much of a terminal as the bytes of Paint need, and nothing that they must not contain.
class Emulator {
 public:
  Emulator(int width, int height) : grid_(width, height) {}
  void Write(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      char32_t c = NextChar(bytes, &at);
      if (c == 0x1B) {
        Sequence(bytes, &at);
        continue;
      }
      REQUIRE(!IsControl(c));
      if (CharWidth(c) == 0) {
        continue;
      }
      Line line;
      AppendChar(c, {}, &line);
      REQUIRE(x_ + static_cast<int>(line.size()) <= grid_.width());
      grid_.Put(grid_.area(), x_, y_, line);
      x_ += static_cast<int>(line.size());
    }
  }
  const Grid& grid() const { return grid_; }

 private:
  void Sequence(std::string_view bytes, std::size_t* at) {
    REQUIRE(bytes[(*at)++] == '[');
    std::size_t end = bytes.find_first_not_of("0123456789;", *at);
    REQUIRE(end != bytes.npos);
    std::string parameters(bytes.substr(*at, end - *at));
    *at = end + 1;
    if (bytes[end] == 'H') {
      y_ = std::atoi(parameters.c_str()) - 1;
      x_ = std::atoi(parameters.c_str() + parameters.find(';') + 1) - 1;
    } else if (bytes[end] == 'G') {
      x_ = std::atoi(parameters.c_str()) - 1;
    } else if (bytes[end] == 'J') {
      grid_ = Grid(grid_.width(), grid_.height());
    } else {
      REQUIRE(bytes[end] == 'm');
    }
    REQUIRE((y_ >= 0 && y_ < grid_.height() && x_ >= 0 && x_ <= grid_.width()));
  }

  Grid grid_;
  int x_ = 0;
  int y_ = 0;
};

void RequireSameText(const Grid& a, const Grid& b) {
  for (int y = 0; y < a.height(); ++y)
    for (int x = 0; x < a.width(); ++x) REQUIRE(a.at(x, y).text == b.at(x, y).text);
}

TEST_CASE("equal grids give no byte") {
  Grid grid(20, 5);
  CHECK(Paint(grid, grid, Terminal{}).empty());
}

TEST_CASE("the bytes turn any grid into any other one") {
  std::mt19937 random(11);
  const std::string texts[] = {"a",  "\xe4\xb8\xad", "e\xcc\x81", "hello", "\xf0\x9f\x98\x80", "\xe2\x97\x8f",
                               "   "};
  Emulator emulator(13, 4);
  Grid before(0, 0);
  Grid now(13, 4);
  for (int i = 0; i < 5000; ++i) {
    for (auto n = random() % 6; n > 0; --n) {
      Style style{static_cast<std::int16_t>(static_cast<int>(random() % 257) - 1), -1,
                  static_cast<std::uint8_t>(random() % 32)};
      Line line = TextLine(texts[random() % std::size(texts)], style);
      Rect clip{static_cast<int>(random() % 8), 0, static_cast<int>(random() % 13), 4};
      now.Put(clip, static_cast<int>(random() % 15) - 1, static_cast<int>(random() % 5), line);
    }
    emulator.Write(Paint(before, now, Terminal{}));
    RequireSameText(emulator.grid(), now);
    before = now;
  }
}

TEST_CASE("colours as far as the terminal has them") {
  Grid before(4, 1);
  Grid now(4, 1);
  now.Put(now.area(), 0, 0, TextLine("x", {.foreground = 196, .background = 12}));
  CHECK(Paint(before, now, Terminal{}).find("38;5;196;104m") != std::string::npos);
  CHECK(Paint(before, now, Terminal{.colours = 8}).find("\x1b[0;31;44m") != std::string::npos);
  CHECK(Paint(before, now, Terminal{.colours = 0}).find("\x1b[0m") != std::string::npos);
}

TEST_CASE("a terminal without UTF-8 gets ASCII alone") {
  Grid before(10, 1);
  Grid now(10, 1);
  now.Put(now.area(), 0, 0, TextLine("\xc3\xa9\xe4\xb8\xadx"));
  std::string bytes = Paint(before, now, Terminal{.utf8 = false});
  CHECK(bytes.find("???") != std::string::npos);
  for (char c : bytes) CHECK(static_cast<unsigned char>(c) < 0x80);
}

TEST_CASE("what a terminal can do is read from its names") {
  Terminal t;
  CHECK(!TerminalFromNames({}, &t));
  CHECK(!TerminalFromNames({.term = "dumb"}, &t));
  REQUIRE(TerminalFromNames({.term = "xterm-256color"}, &t));
  CHECK((t.colours == 256 && t.utf8 && t.symbols && t.alternate_screen));
  REQUIRE(TerminalFromNames({.term = "never-heard-of"}, &t));
  CHECK(t.colours == 8);
  REQUIRE(TerminalFromNames({.term = "linux"}, &t));
  CHECK((t.colours == 8 && t.utf8 && !t.symbols && !t.alternate_screen));
  REQUIRE(TerminalFromNames({.term = "vt100"}, &t));
  CHECK((t.colours == 0 && !t.utf8));
  REQUIRE(TerminalFromNames({.term = "xterm", .locale = "de_DE.ISO-8859-1"}, &t));
  CHECK(!t.utf8);
  REQUIRE(TerminalFromNames({.term = "xterm", .locale = "C.UTF-8", .no_color = true}, &t));
  CHECK((t.utf8 && t.colours == 0));
}

TEST_CASE("the terminal is given back in full, whatever was going on") {
  std::string leave = LeaveBytes(Terminal{});
  for (const char* part : {"\x18", "?1000l", "?1006l", "?2004l", "[0m", "?25h", "?1049l"})
    CHECK(leave.find(part) != std::string::npos);
  CHECK(leave.size() < 128);  // what the fault handler keeps of it (screen.cc)
  CHECK(LeaveBytes(Terminal{.alternate_screen = false}).size() < 128);
  CHECK(EnterBytes(Terminal{}, false).find("?1000h") == std::string::npos);
}

}  // namespace
}  // namespace foster::tui
