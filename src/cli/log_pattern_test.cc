// SPDX-License-Identifier: MIT
#include "cli/log_pattern.h"

#include <catch2/catch.hpp>
#include <chrono>

namespace foster::cli {
namespace {

using Spans = std::vector<LogPattern::Span>;

LogPattern Make(std::string_view text, bool ignore_case = false) {
  auto pattern = LogPattern::Make(text, ignore_case);
  REQUIRE(pattern.ok());
  return std::move(*pattern);
}

std::string ErrorOf(std::string_view text) {
  auto pattern = LogPattern::Make(text, false);
  return pattern.ok() ? "" : pattern.error().message();
}

TEST_CASE("a pattern finds every place where it matches") {
  auto pattern = Make("o+");
  CHECK(pattern.Matches("foo bar"));
  CHECK_FALSE(pattern.Matches("bar"));
  CHECK_FALSE(pattern.Matches(""));
  CHECK(pattern.All("foo boo o") == Spans{{1, 3}, {5, 7}, {8, 9}});
  CHECK(Make("x*").Matches(""));
  CHECK(Make("x*").All("axxb") == Spans{{1, 3}});  // empty matches show nothing
  CHECK(Make("^a").All("aaa") == Spans{{0, 1}});
  CHECK(Make("(?<=a)b").All("abab") == Spans{{1, 2}, {3, 4}});
  CHECK(Make("a\\Kb").All("abab") == Spans{{1, 2}, {3, 4}});
}

TEST_CASE("case is ignored on request, of letters that are no ASCII too") {
  CHECK(Make("error", true).Matches("ERROR"));
  CHECK_FALSE(Make("error").Matches("ERROR"));
  CHECK(Make("ÄRGER", true).Matches("ärger"));
  CHECK(Make("^.$").Matches("日"));
}

TEST_CASE("bytes that are no UTF-8 and NULs are searched around") {
  const std::string line(
      "\xff\xfe"
      "error\0x\xc3",
      11);
  CHECK(Make("error").All(line) == Spans{{2, 7}});
  CHECK(Make("x").Matches(line));
  CHECK_FALSE(Make("^.").Matches("\xff"));
}

TEST_CASE("a match deep in a long line is found wherever it begins") {
  for (std::size_t at : {0u, 511u, 512u, 513u, 514u, 1025u, 60000u}) {
    std::string line(65536, 'a');
    line.replace(at, 5, "needl");
    CHECK(Make("needl").All(line) == Spans{{at, at + 5}});
    CHECK(Make("a.*needl|^needl").Matches(line));
    std::string wide;
    while (wide.size() < 3 * at) wide += "日";
    CHECK(Make("needl").Matches(wide + "needl"));
  }
}

TEST_CASE("a wrong pattern is refused with the place of the mistake") {
  CHECK(ErrorOf("a(b") == "pattern 'a(b': missing closing parenthesis at character 4");
  CHECK(ErrorOf("*") == "pattern '*': quantifier does not follow a repeatable item at character 1");
  CHECK(ErrorOf("日本[") == "pattern '日本[': missing terminating ] for character class at character 4");
  CHECK(ErrorOf("\xff").find("UTF-8 error") != std::string::npos);
  CHECK(ErrorOf(std::string(20'000, 'a')) == "the pattern is longer than 16384 bytes");
  CHECK(ErrorOf("\\C") != "");
}

TEST_CASE("no pattern holds up the reading") {
  const auto began = std::chrono::steady_clock::now();
  const std::string line = std::string(65'000, 'a') + "!";
  for (const char* text : {"(a+)+$", "(a|a)*$", "(a|aa)+$", "(\\w+\\s?)*$", "^(a+)+b?$"}) {
    auto pattern = Make(text);
    int lines = 0;
    for (; lines < 1'000 && !pattern.exhausted(); ++lines) CHECK_FALSE(pattern.Matches(line));
    CHECK(pattern.given_up() == static_cast<std::uint64_t>(lines));
  }
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(60));
}

// Quadratic ones are merely slow; the rest of the lines still gets its answer.
TEST_CASE("a line that takes too long does not spoil the next") {
  auto pattern = Make("(a+)+$");
  CHECK_FALSE(pattern.Matches(std::string(65'000, 'a') + "!"));
  CHECK(pattern.given_up() == 1);
  CHECK_FALSE(pattern.exhausted());
  CHECK(pattern.Matches("xaaa"));
}

}  // namespace
}  // namespace foster::cli
