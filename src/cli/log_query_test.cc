// SPDX-License-Identifier: MIT
#include "cli/log_query.h"

#include <catch2/catch.hpp>

#include "cli/command_line.h"
#include "cli/log_source.h"
#include "cli_fixture.h"

namespace foster::cli {
namespace {

Result<LogQuery> Query(std::vector<std::string> words) {
  words.insert(words.begin(), "logs");
  Streams streams;
  Console console = streams.Make();
  auto line = ParseCommandLine(words);
  if (!line) return line.error();
  auto query = ReadLogQuery(line->arguments, console, 1'795'266'000'000'000'000, *TimeZone::Open("UTC"));
  (void)streams.Take(0);
  return query;
}

std::string Wrong(const std::vector<std::string>& words) {
  auto query = Query(words);
  return query.ok() ? "" : query.error().message();
}

TEST_CASE("a hundred lines are usual, all where others choose") {
  CHECK(Query({})->lines == 100);
  CHECK(Query({"-n", "7"})->lines == 7);
  CHECK(Query({"-n", "all"})->lines == LogQuery::kAll);
  for (const char* option :
       {"--since=10m", "--until=10m", "--grep=x", "--around=x", "--level=warn", "--boot=0"}) {
    CHECK(Query({option})->lines == LogQuery::kAll);
    CHECK(Query({option, "-n", "5"})->lines == 5);
  }
}

TEST_CASE("streams, levels and context") {
  auto err = Query({"--stderr"});
  CHECK_FALSE(err->choice.takes[0]);
  CHECK(err->choice.takes[1]);
  CHECK(Query({"--stderr", "--stdout"})->choice.takes[0]);
  CHECK_FALSE(Query({"--stream", "stdout"})->choice.takes[1]);
  CHECK(Query({"--level", "warn+"})->choice.least == LogLevel::kWarn);
  CHECK(Query({"--level", "WARNING"})->choice.least == LogLevel::kWarn);
  auto around = Query({"--around", "x", "-A", "1"});
  CHECK(around->choice.before == 5);
  CHECK(around->choice.after == 1);
  CHECK(Query({"-g", "x"})->choice.before == 0);
  CHECK(Query({"--incarnation", "-1"})->life == -1);
}

TEST_CASE("what makes no sense is refused") {
  CHECK(Wrong({"-n", "-3"}) == "--lines '-3' is not a number from 0 to 10000000, or all");
  CHECK(Wrong({"--level", "loud"}) == "--level 'loud' is none of trace, debug, info, warn, error, fatal");
  CHECK(Wrong({"--since", "1m", "--until", "2m"}) == "--since is later than --until");
  CHECK(Wrong({"-g", "a", "--around", "b"}) == "--around and --grep are two ways to search: give one");
  CHECK(Wrong({"-v"}) == "-A, -B, -C and --invert need --grep or --around");
  CHECK(Wrong({"-f", "--directory", "/x"}) ==
        "--follow needs a foster: nothing comes any more in a --directory");
  CHECK(Wrong({"--incarnation", "x"}) ==
        "--incarnation 'x' is not a number (0: the last one, -1: the one before it)");
}

TEST_CASE("cursors of several services are one word") {
  const LogCursors cursors = {{"a/web", "01ab23cd.12.7"}, {"db", "01ab23cd.0.3"}};
  CHECK(JoinCursors(cursors) == "a/web=01ab23cd.12.7,db=01ab23cd.0.3");
  CHECK(*SplitCursors(JoinCursors(cursors)) == cursors);
  CHECK(*SplitCursors("12.7") == LogCursors{{"", "12.7"}});
  for (const char* text : {"", ",", "web=", "web=x.1", "1.2,web=3.4", "="})
    CHECK_FALSE(SplitCursors(text).ok());
}

TEST_CASE("boots are chosen by number or by the beginning of their id") {
  const std::vector<std::string> boots = {"aa11", "ab22", "cc33"};
  CHECK(*ChooseBoot(boots, "0") == "cc33");
  CHECK(*ChooseBoot(boots, "-2") == "aa11");
  CHECK(*ChooseBoot(boots, "ab") == "ab22");
  CHECK(ChooseBoot(boots, "-3").error().message() == "--boot -3: there are files of 3 boots");
  CHECK(ChooseBoot(boots, "a").error().message() == "--boot 'a': more than one boot of that id");
  CHECK(ChooseBoot({}, "0").error().message() == "--boot 0: there are files of 0 boots");
}

TEST_CASE("services of a directory are named as running ones are") {
  CHECK(IsNamed({}, "a/web"));
  CHECK(IsNamed({"web"}, "a/web"));
  CHECK(IsNamed({"a/web"}, "a/web"));
  CHECK(IsNamed({"a/"}, "a/web"));
  CHECK(IsNamed({"w*"}, "a/web"));
  CHECK_FALSE(IsNamed({"eb", "b/", "b/web"}, "a/web"));
}

}  // namespace
}  // namespace foster::cli
