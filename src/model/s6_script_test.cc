// SPDX-License-Identifier: MIT
#include "model/s6_script.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

S6Script Good(std::string_view text) {
  S6Script script;
  std::vector<S6ScriptError> errors;
  INFO(text);
  const bool is_good = ParseS6Script(text, &script, &errors);
  INFO((errors.empty() ? std::string("no error") : errors[0].text));
  REQUIRE(is_good);
  REQUIRE(errors.empty());
  return script;
}

std::vector<S6ScriptError> Bad(std::string_view text) {
  S6Script script;
  std::vector<S6ScriptError> errors;
  INFO(text);
  REQUIRE_FALSE(ParseS6Script(text, &script, &errors));
  REQUIRE_FALSE(errors.empty());
  return errors;
}

TEST_CASE("a logging script of s6's manual is read") {
  const S6Script script = Good("n20 s1000000 T /var/log/web");
  REQUIRE(script.actions.size() == 1);
  S6Action expected;
  expected.target = "/var/log/web";
  expected.archives = 20;
  expected.file_size = 1000000;
  expected.iso = true;
  CHECK(script.actions[0] == expected);
}

TEST_CASE("settings stay, stamps and selections are for one action") {
  const S6Script script = Good(
      "-. +^ERR r500 S9000 l100 E50 ^80 R3600 pweb: !\"gzip -9\" t T /a/b 1 f =/run/status n0 ?xz ./c 2");
  REQUIRE(script.actions.size() == 5);
  const S6Action& first = script.actions[0];
  CHECK(first.kind == S6ActionKind::kDirectory);
  CHECK(first.selections ==
        std::vector<S6Selection>{{S6Selection::Kind::kDeselect, "."}, {S6Selection::Kind::kSelect, "^ERR"}});
  CHECK((first.tai64n && first.iso));
  CHECK(first.retry == Millis{500});
  CHECK(first.every == Millis{3'600'000});
  CHECK(first.total_size == 9000);
  CHECK(first.tolerance == 100);
  CHECK(first.processor == "gzip -9");
  CHECK_FALSE(first.processor_is_shell);
  const S6Action& second = script.actions[1];
  CHECK(second.kind == S6ActionKind::kStdout);
  CHECK(second.selections.empty());
  CHECK_FALSE(second.tai64n);
  CHECK(second.prefix == "web:");
  const S6Action& third = script.actions[2];
  CHECK(third.kind == S6ActionKind::kStatusFile);
  CHECK(third.target == "/run/status");
  CHECK(third.status_size == 80);
  CHECK(third.selections == std::vector<S6Selection>{{S6Selection::Kind::kUntaken, ""}});
  const S6Action& fourth = script.actions[3];
  CHECK(fourth.target == "./c");
  CHECK(fourth.archives == 0);
  CHECK(fourth.processor == "xz");
  CHECK(fourth.processor_is_shell);
  CHECK(script.actions[4].kind == S6ActionKind::kStderr);
  CHECK(script.actions[4].alert_size == 50);
}

TEST_CASE("words keep white space in quotes") {
  CHECK(Good("'+a b' 1").actions[0].selections[0].pattern == "a b");
  CHECK(Good("+\"a b\"'c d' 1").actions[0].selections[0].pattern == "a bc d");
  CHECK(Good("+\"a \\\"b\\\\\\.\" 1").actions[0].selections[0].pattern == "a \"b\\\\.");
  CHECK(Good("+a\\.b\n\t1\n").actions[0].selections[0].pattern == "a\\.b");
  CHECK(Good("p'' 1").actions[0].prefix.empty());
  CHECK(Good("'/a dir'").actions[0].target == "/a dir");
}

TEST_CASE("what s6-log accepts is accepted") {
  // As tried with s6-log 2.11: sizes are clamped, an empty pattern matches all, words behind the last action
  // are left out.
  CHECK(Good("s100 1").actions[0].file_size == 4096);
  CHECK(Good("s4294967295 1").actions[0].file_size == 268435455);
  CHECK(Good("+ - 1").actions[0].selections.size() == 2);
  CHECK(Good("n4294967295 1").actions[0].archives == UINT32_MAX);
  CHECK(Good("!x ! 1").actions[0].processor.empty());
  CHECK_FALSE(Good("?x ? 1").actions[0].processor_is_shell);
  CHECK(Good("1 n5 t").actions.size() == 1);
  CHECK(Good("1 1").actions.size() == 2);
  CHECK(Good("s4096 l2048 1").actions[0].tolerance == 2048);
}

TEST_CASE("every fault of a script is told with its place") {
  const std::vector<S6ScriptError> errors = Bad("x3 n +[ /a 12 = e l3000 s4096 l3000 /a tx");
  REQUIRE(errors.size() == 9);
  CHECK(errors[0].offset == 0);
  CHECK(errors[0].text.find("'x3': no such directive; allowed are +RE") == 0);
  CHECK(errors[1].offset == 3);
  CHECK(errors[1].text == "'n': n is followed by a whole number from 0 to 4294967295");
  CHECK(errors[2].text.find("'+[': is no POSIX extended regular expression: ") == 0);
  CHECK(errors[3].text.find("'12': 1 stands alone") == 0);
  CHECK(errors[4].text == "'=': = is followed by the name of a file");
  CHECK(errors[5].text.find("'e': no such") == 0);
  CHECK(errors[6].text == "'l3000': at most half of the file's size, which is 4096 here");
  CHECK(errors[7].offset == 36);
  CHECK(errors[7].text.find("'/a': is given twice") == 0);
  CHECK(errors[8].text.find("'tx': t stands alone") == 0);
}

TEST_CASE("what s6-log refuses is refused") {
  for (const char* text : {"",
                           "  ",
                           "t",
                           "n5",
                           "+a",
                           "nx 1",
                           "n-1 1",
                           "n+5 1",
                           "n4294967296 1",
                           "S18446744073709551616 1",
                           "r 1",
                           "E 1",
                           "^ 1",
                           "fx 1",
                           "Tx 1",
                           "2x",
                           "01",
                           "d",
                           "P 1",
                           "b 1",
                           "'+a 1",
                           "\"",
                           "'' 1"}) {
    INFO(text);
    CHECK_FALSE(Bad(text).empty());
  }
  for (const char* much :
       {"+a{30000}{30000} 1", "+a++++++++++++++++++++++++++++++++++ 1", "+(ab{300}){300}{2} 1",
        "+([])]((((((((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+) 1",
        "+([[:digit:])]a{400}b){400} 1"})
    CHECK(Bad(much)[0].text.find("repeats too much") != std::string::npos);
  CHECK(Good("+a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w+x+y+z+[+]+\\++ 1").actions.size() == 1);
  CHECK(Good("/a /b /c /d /e /f /g /h 1").actions.size() == 9);
  CHECK(Bad("/a /b /c /d /e /f /g /h /i")[0].text.find("'/i': more than 8 directories") == 0);
  CHECK(Bad(" '1")[0].offset == 1);
}

}  // namespace
}  // namespace foster
