// SPDX-License-Identifier: MIT
#include "tui/text_width.h"

#include <catch2/catch.hpp>

namespace foster::tui {
namespace {

std::string Shown(const Line& line) {
  Grid grid(static_cast<int>(line.size()) + 1, 1);
  grid.Put(grid.area(), 0, 0, line);
  return grid.RowText(0);
}

TEST_CASE("malformed UTF-8 becomes one replacement character a byte and never runs over the end") {
  for (std::string_view text :
       {"\xff", "\xc3", "\xe4\xb8", "\xf0\x9f\x98", "\xed\xa0\x80", "\xc0\x80", "\xf5\x80"}) {
    std::size_t at = 0;
    CHECK(NextChar(text, &at) == 0xFFFD);
    CHECK(at == 1);
  }
  std::size_t at = 0;
  CHECK(NextChar("\xf0\x9f\x98\x80", &at) == 0x1F600);
  CHECK(at == 4);
}

TEST_CASE("every character survives encoding and decoding") {
  for (char32_t c = 1; c < 0x110000; c += 37) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    AppendUtf8(c, &text);
    std::size_t at = 0;
    REQUIRE(NextChar(text, &at) == c);
    REQUIRE(at == text.size());
  }
}

TEST_CASE("widths") {
  CHECK(CharWidth(U'a') == 1);
  CHECK(CharWidth(U'\u00e9') == 1);
  CHECK(CharWidth(0x301) == 0);    // combining acute
  CHECK(CharWidth(0x200D) == 0);   // joiner
  CHECK(CharWidth(0x4E2D) == 2);   // 中
  CHECK(CharWidth(0xFF21) == 2);   // fullwidth A
  CHECK(CharWidth(0x1F600) == 2);  // emoji
  CHECK(CharWidth(0x25CF) == 1);   // our own shapes
  CHECK(TextColumns("a\xe4\xb8\xad"
                    "e\xcc\x81") == 4);
}

TEST_CASE("control characters become visible, and so do those that turn the text around") {
  CHECK(Shown(TextLine("a\x1b[31m\n\x7f")) == "a^[[31m^J^?");
  CHECK(Shown(TextLine("a\xc2\x9b"
                       "31m")) == "a?31m");  // C1 CSI
  CHECK(Shown(TextLine("a\xe2\x80\xae"
                       "b")) == "a?b");  // right-to-left override
  for (const Cell& cell : TextLine("\x01\x1b\x9f\xc2\x85\xe2\x80\xa8"))
    CHECK(!IsControl(cell.text == 0 ? U' ' : cell.text));
}

TEST_CASE("a combining character goes onto the one before it") {
  Line line = TextLine("e\xcc\x81x");
  REQUIRE(line.size() == 2);
  CHECK(line[0].mark == 0x301);
  CHECK(TextLine("\xcc\x81").empty());  // onto nothing: dropped
}

TEST_CASE("what is too long ends, or begins, with an ellipsis and is never wider than asked") {
  CHECK(Shown(Fit(TextLine("abcdef"), 4)) == "abc\xe2\x80\xa6");
  CHECK(Shown(Fit(TextLine("abcdef"), 4, Cut::kStart)) ==
        "\xe2\x80\xa6"
        "def");
  CHECK(Shown(Fit(TextLine("abcd"), 4)) == "abcd");
  CHECK(Fit(TextLine("abcd"), 0).empty());
  Line wide = TextLine("\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad");
  for (int columns = 0; columns < 8; ++columns)
    for (Cut cut : {Cut::kEnd, Cut::kStart}) {
      Line fitted = Fit(wide, columns, cut);
      REQUIRE(static_cast<int>(fitted.size()) == std::min(columns, 6));
      for (std::size_t i = 0; i < fitted.size(); ++i)  // no half characters
        if (CharWidth(fitted[i].text == 0 ? U' ' : fitted[i].text) == 2)
          REQUIRE((i + 1 < fitted.size() && fitted[i + 1].text == 0));
    }
}

TEST_CASE("lines are wrapped at blanks") {
  auto pieces = WrapLine(TextLine("the quick brown fox"), 10, 2);
  REQUIRE(pieces.size() == 3);
  CHECK(Shown(pieces[0]) == "the quick");
  CHECK(Shown(pieces[1]) == "  brown");
  CHECK(Shown(pieces[2]) == "  fox");
  CHECK(WrapLine(TextLine(""), 10, 2).size() == 1);
  for (const Line& piece : WrapLine(TextLine(std::string(100, 'x')), 7, 4)) CHECK(piece.size() <= 7);
}

}  // namespace
}  // namespace foster::tui
