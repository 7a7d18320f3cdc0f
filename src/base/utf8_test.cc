// SPDX-License-Identifier: MIT
#include "base/utf8.h"

#include <catch2/catch.hpp>
#include <string>

namespace foster {
namespace {

TEST_CASE("characters are told from bytes that are none") {
  CHECK(Utf8CharacterAt("a", 0) == 1);
  CHECK(Utf8CharacterAt("\xc3\xa4", 0) == 2);
  CHECK(Utf8CharacterAt("\xe2\x82\xac", 0) == 3);
  CHECK(Utf8CharacterAt("\xf0\x9f\x98\x80", 0) == 4);
  CHECK(Utf8CharacterAt("\xc3\xa4", 1) == 0);
  CHECK(Utf8CharacterAt("", 0) == 0);
  for (const char* bad : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xc3",
                          "\xe2\x82", "\xf0\x9f\x98", "\xc3x", "\xe2\x82x"})
    CHECK_FALSE(IsUtf8(bad));
  CHECK(IsUtf8(""));
  CHECK(IsUtf8("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd"));
}

TEST_CASE("a cut never falls into a character") {
  const std::string text = "a\xf0\x9f\x98\x80z";
  CHECK(Utf8CutAt(text, 0) == 0);
  CHECK(Utf8CutAt(text, 1) == 1);
  for (std::size_t size : {2u, 3u, 4u}) CHECK(Utf8CutAt(text, size) == 1);
  CHECK(Utf8CutAt(text, 5) == 5);
  CHECK(Utf8CutAt(text, 99) == 6);
  CHECK(Utf8CutAt("\x80\x80\x80\x80\x80", 4) == 4);
}

}  // namespace
}  // namespace foster
