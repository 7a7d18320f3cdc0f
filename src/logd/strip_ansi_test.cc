// SPDX-License-Identifier: MIT
#include "logd/strip_ansi.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

std::string Stripped(std::string_view text) {
  std::string out = "untouched";
  return StripAnsi(text, &out) ? out : "no sequence: " + out;
}

TEST_CASE("text without sequences is left alone") {
  CHECK(Stripped("plain\ttext\r") == "no sequence: untouched");
  CHECK(Stripped("") == "no sequence: untouched");
}

TEST_CASE("sequences go, everything else stays") {
  CHECK(Stripped("\x1b[1;31mred\x1b[0m end") == "red end");
  CHECK(Stripped("a\x1b[38:2:1:2:3mb\x1b[?25lc\x1b[2 qd") == "abcd");
  CHECK(Stripped("\x1b]0;title\x07rest\x1b]8;;http://x\x1b\\link") == "restlink");
  CHECK(Stripped("\x1b(Bx\x1b=y\x1b"
                 "7z\x1bM") == "xyz");
  CHECK(Stripped("\x1bPdcs\x1b\\after") == "after");
}

TEST_CASE("broken sequences take nothing with them that is text") {
  CHECK(Stripped("\x1b[31\xc3\xa4rger") == "\xc3\xa4rger");
  CHECK(Stripped("\x1b[1\x1b[2mx") == "x");
  CHECK(Stripped("end\x1b") == "end");
  CHECK(Stripped("end\x1b[12") == "end");
  CHECK(Stripped("\x1b]0;never ended") == "");
  CHECK(Stripped("\x1b]0;cut\x1b[31mx") == "x");
  CHECK(Stripped("\x1b\xc3\xa4") == "\xc3\xa4");
}

}  // namespace
}  // namespace foster
