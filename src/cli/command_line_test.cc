// SPDX-License-Identifier: MIT
#include "cli/command_line.h"

#include <catch2/catch.hpp>
#include <set>

#include "cli/help.h"

namespace foster::cli {
namespace {

std::string Refused(const std::vector<std::string>& words) {
  auto line = ParseCommandLine(words);
  REQUIRE_FALSE(line.ok());
  return line.error().message();
}

TEST_CASE("options may stand before and behind the verb") {
  auto line = ParseCommandLine({"--socket", "/s", "--json", "logs", "-n", "5", "web", "-f", "db"});
  REQUIRE(line.ok());
  CHECK(line->verb->name == "logs");
  CHECK(line->arguments.words == std::vector<std::string>{"web", "db"});
  CHECK(line->arguments.Has("--follow"));
  CHECK(line->arguments.Has("--json"));
  CHECK_FALSE(line->arguments.Has("--time"));
  CHECK(line->arguments.Text("--socket") == "/s");
  CHECK(*line->arguments.Number("--lines", 100, 1000) == 5);
  CHECK(*line->arguments.Number("--count", 7, 1000) == 7);
}

TEST_CASE("values may be joined with an equals sign, and words may begin with a dash behind --") {
  auto line = ParseCommandLine({"up", "--timeout=1.5", "--", "-odd"});
  REQUIRE(line.ok());
  CHECK(**line->arguments.Seconds("--timeout") == Millis(1500));
  CHECK(line->arguments.words == std::vector<std::string>{"-odd"});
}

TEST_CASE("wrong words are answered with the right ones") {
  CHECK(Refused({"statsu"}) == "unknown verb 'statsu': did you mean 'status'?");
  CHECK(Refused({"xyzzy"}) == "unknown verb 'xyzzy': 'svc help' lists them");
  CHECK(Refused({"up", "--timout", "3", "web"}) == "unknown option '--timout': did you mean '--timeout'?");
  CHECK(Refused({"status", "--color=blue"}) == "--color 'blue' is none of auto|always|never");
  CHECK(Refused({"up"}) == "'up' needs more words: usage: svc up NAME...");
  CHECK(Refused({"reload", "a", "b"}) == "'b' is one word too many: usage: svc reload [WORKLOAD]");
  CHECK_FALSE(Refused({"logs", "-n"}).empty());
}

TEST_CASE("numbers and seconds are checked") {
  Arguments arguments;
  arguments.Set("--lines", "12x");
  arguments.Set("--timeout", "-1");
  CHECK_FALSE(arguments.Number("--lines", 1, 10).ok());
  arguments.Set("--lines", "11");
  CHECK_FALSE(arguments.Number("--lines", 1, 10).ok());
  CHECK_FALSE(arguments.Seconds("--timeout").ok());
  for (const char* bad : {"", "nan", "inf", "1s", "1e300"}) {
    INFO(bad);
    arguments.Set("--timeout", bad);
    CHECK_FALSE(arguments.Seconds("--timeout").ok());
  }
}

TEST_CASE("every verb has a summary, examples that parse, and help that shows both") {
  std::set<std::string_view> names;
  for (const Verb* verb : AllVerbs()) {
    INFO(verb->name);
    CHECK(names.insert(verb->name).second);
    CHECK_FALSE(verb->summary.empty());
    CHECK(verb->run != nullptr);
    REQUIRE_FALSE(verb->examples.empty());
    std::string help = HelpFor(*verb);
    for (const auto& option : verb->options) CHECK(help.find(option.name) != std::string::npos);
    for (const auto& example : verb->examples) CHECK(help.find(example.command) != std::string::npos);
    CHECK(ParseCommandLine({std::string(verb->name), "--help"}).ok());
    CHECK(GeneralHelp().find(verb->summary) != std::string::npos);
  }
}

}  // namespace
}  // namespace foster::cli
