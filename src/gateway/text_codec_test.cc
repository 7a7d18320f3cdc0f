// SPDX-License-Identifier: MIT
#include "gateway/text_codec.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

TEST_CASE("percent coding goes both ways and keeps what it does not know") {
  REQUIRE(PercentDecode("a%2Fb%3ac%zz%4") == "a/b:c%zz%4");
  REQUIRE(PercentDecode("a+b") == "a+b");
  REQUIRE(PercentDecode("a+b", Plus::kSpace) == "a b");
  REQUIRE(PercentDecode(PercentEncode("g:p \xC3\xA4/%")) == "g:p \xC3\xA4/%");
}

TEST_CASE("a form is read") {
  auto form = ParseForm("action=stop&processname=g%3Ap+x&empty&=y&action=start");
  REQUIRE(form["action"] == "start");
  REQUIRE(form["processname"] == "g:p x");
  REQUIRE(form.count("empty") == 1);
}

TEST_CASE("SHA-1 gives the values of its standard") {
  REQUIRE(Sha1Hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  REQUIRE(Sha1Hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  REQUIRE(Sha1Hex(std::string(1000, 'a')) == "291e9a6c66994949b57ba5e650361e98fc36b1ba");
}

TEST_CASE("broken UTF-8 becomes replacement characters") {
  REQUIRE(MakeUtf8("\xC3\xA4") == "\xC3\xA4");
  REQUIRE(MakeUtf8("a\xC3") == "a\xEF\xBF\xBD");
  REQUIRE(Utf8Length("\xC0\x80") == 0);          // overlong
  REQUIRE(Utf8Length("\xED\xA0\x80") == 0);      // a surrogate
  REQUIRE(Utf8Length("\xF4\x90\x80\x80") == 0);  // over U+10FFFF
  REQUIRE(Utf8Length("\xF0\x9F\x98\x80") == 4);
}

TEST_CASE("the last bytes never start inside a character") {
  REQUIRE(LastBytes("x\xC3\xA4y", 2) == "y");
  REQUIRE(LastBytes("x\xC3\xA4y", 3) == "\xC3\xA4y");
  REQUIRE(LastBytes("ab", 5) == "ab");
  REQUIRE(LastBytes("ab", 0).empty());
}

TEST_CASE("terminal sequences are left out") {
  REQUIRE(WithoutTerminalSequences("\x1b[1;31mred\x1b[0m\n\x1b]0;title\acd\x1b") == "red\ncd");
  REQUIRE(WithoutTerminalSequences("a\x1b[12") == "a");
}

TEST_CASE("texts are compared whole") {
  REQUIRE(EqualsInConstantTime("", ""));
  REQUIRE(EqualsInConstantTime("abc", "abc"));
  REQUIRE_FALSE(EqualsInConstantTime("abc", "abd"));
  REQUIRE_FALSE(EqualsInConstantTime("abc", ""));
  REQUIRE_FALSE(EqualsInConstantTime("", "a"));
  REQUIRE_FALSE(EqualsInConstantTime("aa", "a"));
}

TEST_CASE("HTML is escaped") {
  REQUIRE(HtmlEscape("<a href=\"x\">'&") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
}

}  // namespace
}  // namespace foster
