// SPDX-License-Identifier: MIT
// Widths, tables and durations.
#include <catch2/catch.hpp>

#include "cli/duration.h"
#include "cli/table.h"
#include "cli/text_width.h"

namespace foster::cli {
namespace {

TEST_CASE("a text's width is that of its characters") {
  CHECK(DisplayWidth("") == 0);
  CHECK(DisplayWidth("web") == 3);
  CHECK(DisplayWidth("日本") == 4);
  CHECK(DisplayWidth("e\xcc\x81") == 1);  // e and a combining accent
  CHECK(DisplayWidth("é") == 1);
  CHECK(DisplayWidth("\xff") == 1);
}

TEST_CASE("a text is cut to a width, never in the middle of a character") {
  CHECK(CutToWidth("supervisor", 20) == "supervisor");
  CHECK(CutToWidth("supervisor", 6) == "super…");
  CHECK(CutToWidth("日本語です", 6) == "日本…");
  CHECK(CutToWidth("日本語です", 5) == "日本…");
  CHECK(CutToWidth("abc", 1) == "…");
  CHECK(CutToWidth("abc", 0) == "");
}

TEST_CASE("control characters become harmless") {
  CHECK(Harmless("a\033[31mb\r\nc\x7f") == "a?[31mb??c?");
  CHECK(Harmless("日本") == "日本");
}

TEST_CASE("a table aligns by width and leaves no space at line ends") {
  Table table({{"NAME"}, {"PID", Align::kRight}, {"CAUSE"}});
  table.Add({{"web"}, {"7"}, {"started"}});
  table.Add({{"日本"}, {"12345"}, {""}});
  CHECK(table.Render(0, false) ==
        "NAME    PID  CAUSE\n"
        "web       7  started\n"
        "日本  12345\n");
}

TEST_CASE("a narrow terminal cuts the last column only") {
  Table table({{""}, {""}});
  table.Add({{"web"}, {"exited with code 1"}});
  CHECK(table.Render(16, false) == "web  exited wit…\n");
  CHECK(table.Render(3, false) == "web  exited …\n");  // never under eight columns
}

TEST_CASE("colours lie around the text and do not count") {
  Table table({{""}, {""}});
  table.Add({{"a", Colour::kRed}, {"b"}});
  table.Add({{"long"}, {"c"}});
  CHECK(table.Render(0, true) == "\033[31ma\033[0m     b\nlong  c\n");
}

TEST_CASE("durations have two units at most") {
  CHECK(FormatAge(-5) == "0s");
  CHECK(FormatAge(999) == "0s");
  CHECK(FormatAge(59'999) == "59s");
  CHECK(FormatAge(60'000) == "1m00s");
  CHECK(FormatAge(3'599'000) == "59m59s");
  CHECK(FormatAge(3'600'000) == "1h00m");
  CHECK(FormatAge(86'399'000) == "23h59m");
  CHECK(FormatAge(86'400'000) == "1d00h");
  CHECK(FormatAge(100LL * 86'400'000) == "100d00h");
}

}  // namespace
}  // namespace foster::cli
