// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "formats/envsubst.h"
#include "formats/percent.h"
#include "formats/shlex.h"

namespace foster {
namespace {

std::string Sub(std::string_view text) {
  Substitution result = Substitute(text, {{"U", "dev"}, {"P", "/a/b.c.d"}, {"E", ""}, {"S", "x y"}});
  return result.error.empty() ? result.text : "error: " + result.error;
}

std::string Percent(std::string_view text) {
  PercentNames outer, names(&outer);
  outer.Set("here", "/h");
  outer.Set("ENV_X", "100%d");
  names.Set("n", std::int64_t{7});
  PercentError error;
  std::string out = ExpandPercent(text, names, &error);
  return error.kind == PercentError::Kind::kNone ? out : "error: " + error.text;
}

using Words = std::vector<std::string>;

Words Split(std::string_view text) {
  WordError error;
  Words words = SplitCommand(text, &error);
  return error.text.empty() ? words : Words{"error: " + error.text};
}

std::string Environment(std::string_view text) {
  WordError error;
  std::string out;
  for (const auto& [key, value] : SplitEnvironment(text, &error)) out += key + "=" + value + "|";
  return error.text.empty() ? out : "error: " + error.text;
}

}  // namespace

TEST_CASE("envsubst: each form of the table") {
  CHECK(Sub("${U} $U $$U $${U} $") == "dev $U $U ${U} $");
  CHECK(Sub("[${NONE}]") == "[]");
  CHECK(Sub("${#U} ${U^} ${U^^} ${U,} ${U,,}") == "3 Dev DEV dev dev");
  CHECK(Sub("${U:1} ${U:1:1} ${U: -2} ${U:9}|") == "ev e ev |");
  // A star does not cross a slash here: that is how the tool's globs are.
  CHECK(Sub("${P#*/} ${P##*/} ${P%.*} ${P%%.*}") == "a/b.c.d a/b.c.d /a/b.c /a/b");
  CHECK(Sub("${U/d/D} ${P//./_} ${U/#de/X} ${U/%v/Y}") == "Dev /a/b_c_d Xv deY");
  CHECK(Sub("${E=1} ${E:=2} ${E:-3} ${E:?4} ${E:+5} ${U:+6}") == "1 2 3 4 5 dev");
  CHECK(Sub("${E:-${NONE:-in ${U}}}") == "in dev");
  CHECK(Sub("a\\/b c\\\\d \\n") == "a/b c\\d \\n");
}

TEST_CASE("envsubst: what the tool refuses is refused") {
  for (const char* text :
       {"${V-def}", "${V+x}", "${a.b}", "${a[0]}", "${!x}", "${}", "${U", "${U:x}", "${U/a}"}) {
    INFO(text);
    CHECK(Sub(text).rfind("error: ", 0) == 0);
  }
}

TEST_CASE("envsubst: offsets lead back into the file") {
  Substitution result = Substitute("ab${U}cd$$e", {{"U", "12345"}});
  REQUIRE(result.text == "ab12345cd$e");
  CHECK(result.OriginalOffset(1) == 1);
  CHECK(result.OriginalOffset(4) == 2);
  CHECK(result.OriginalOffset(7) == 6);
  CHECK(result.OriginalOffset(10) == 10);
}

TEST_CASE("percent: Python's formatting with names") {
  CHECK(Percent("a%(here)s%%b") == "a/h%b");
  CHECK(Percent("%(n)03d %(n)-3d| %(n)+d %(n)x %(n)s %(n)5s %(n).1f") == "007 7  | +7 7 7     7 7.0");
  CHECK(Percent("%(ENV_X)s") == "100%d");
  CHECK(Percent("%(here).1s%(here)-4s|") == "//h  |");
  CHECK(Percent("%(nope)s") == "error: nope");
  CHECK(Percent("date +%Y") == "error: unsupported format character 'Y' (0x59) at index 7");
  CHECK(Percent("50%") == "error: incomplete format");
  CHECK(Percent("%(here") == "error: incomplete format key");
  CHECK(Percent("%(here)d") == "error: %d format: a number is required, not str");
  CHECK(Percent("%(n)99999d") == "error: the width is over 4096");
}

TEST_CASE("shlex: words as Python splits them") {
  CHECK(Split("a 'b c' \"d\\\"e\" f\\ g") == Words{"a", "b c", "d\"e", "f g"});
  CHECK(Split("a'b'\"c\"d '' \"\\n\"") == Words{"abcd", "", "\\n"});
  CHECK(Split("a\n\tb#c $X *") == Words{"a", "b#c", "$X", "*"});
  CHECK(Split("") == Words{});
  CHECK(Split("'a") == Words{"error: No closing quotation"});
  CHECK(Split("a\\") == Words{"error: No escaped character"});
}

TEST_CASE("shlex: environment= with its quirks") {
  CHECK(Environment("A=1,B=2") == "A=1|B=2|");
  CHECK(Environment("A=\"1\",B='a b',") == "A=1|B=a b|");
  CHECK(Environment("A=a b") == "A=a|");
  CHECK(Environment("A=http://x:80/?a=b") == "A=http://x:80/|a=b|");
  CHECK(Environment("A=$HOME") == "A=$|");
  CHECK(Environment("A=~/x") == "A=~|");
  CHECK(Environment("A=a#b") == "A=a|");
  CHECK(Environment("A=\"\"") == "A=|");
  CHECK(Environment("A='it''s'") == "A=its|");
  CHECK(Environment("A=\"a\"b") == "A=ab|");
  CHECK(Environment("") == "");
  for (const char* text : {"A=foo@bar", "A=x*y", "A=a=b", "A=", "A=1 B=2", "A=1,,B=2", "A=1,B"}) {
    INFO(text);
    CHECK(Environment(text) == "error: Unexpected end of key/value pairs");
  }
}

TEST_CASE("shlex: execline lines") {
  WordError error;
  CHECK(SplitExecline("# c\na \"b c\" d\\ e # rest\nf\\\ng", &error) == Words{"a", "b c", "d e", "fg"});
  CHECK(SplitExecline("\"a\\nb\" a#b {x}", &error) == Words{"a\nb", "a#b", "{x}"});
  CHECK(error.text.empty());
  CHECK(SplitExecline("if { true }", &error).empty());
  CHECK(error.offset == 3);
}

}  // namespace foster
