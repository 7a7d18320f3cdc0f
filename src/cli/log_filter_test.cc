// SPDX-License-Identifier: MIT
#include "cli/log_filter.h"

#include <catch2/catch.hpp>

namespace foster::cli {
namespace {

LogEntry Line(const std::string& text, const std::string& service = "web", WallNanos wall = 1) {
  LogEntry entry;
  entry.service = service;
  entry.text = text;
  entry.wall = wall;
  return entry;
}

struct Shown {
  std::string text;
  LogFilter::Emit emit() {
    return [this](LogLineShown line) {
      if (line.begins_group) text += "-- ";
      text += line.entry.text + (line.role == LogLineRole::kMatch ? " " : "' ");
    };
  }
};

std::string Filtered(LogChoice choice, const char* pattern, const std::vector<LogEntry>& lines) {
  Shown shown;
  std::optional<LogPattern> compiled;
  if (pattern != nullptr) compiled = std::move(*LogPattern::Make(pattern, false));
  LogFilter filter(std::move(choice), std::move(compiled), shown.emit());
  for (const auto& line : lines) filter.Add(line);
  return shown.text;
}

std::vector<LogEntry> Numbers(int count) {
  std::vector<LogEntry> lines;
  for (int i = 1; i <= count; ++i) lines.push_back(Line(std::to_string(i)));
  return lines;
}

TEST_CASE("lines are picked by pattern, or by its absence") {
  CHECK(Filtered({}, "1$", Numbers(22)) == "1 11 21 ");
  LogChoice invert;
  invert.invert = true;
  CHECK(Filtered(invert, "[1-9]", Numbers(12)).empty());
  CHECK(Filtered(invert, "^.$", Numbers(12)) == "10 11 12 ");
}

TEST_CASE("context stands around matches, each line once, groups apart") {
  LogChoice choice;
  choice.before = 2;
  choice.after = 1;
  CHECK(Filtered(choice, "^(5|6|15)$", Numbers(20)) == "3' 4' 5 6 7' -- 13' 14' 15 16' ");
  CHECK(Filtered(choice, "^(1|5)$", Numbers(20)) == "1 2' 3' 4' 5 6' ");
  CHECK(Filtered(choice, "^(1|6)$", Numbers(20)) == "1 2' -- 4' 5' 6 7' ");
  CHECK(Filtered(choice, "^20$", Numbers(20)) == "18' 19' 20 ");
  CHECK(Filtered(choice, "x", Numbers(20)).empty());
}

TEST_CASE("time, stream and life decide before everything else") {
  LogChoice choice;
  choice.since = 10;
  choice.until = 20;
  CHECK(Filtered(choice, nullptr,
                 {Line("a", "web", 9), Line("b", "web", 10), Line("c", "web", 20), Line("d", "web", 21),
                  Line("unknown", "web", 0)}) == "b c unknown ");
  LogChoice err;
  err.takes[0] = false;
  auto lines = Numbers(2);
  lines[1].stream = 1;
  CHECK(Filtered(err, nullptr, lines) == "2 ");
  LogChoice life;
  life.lives["web"] = 2;
  lines[0].incarnation = 2;
  CHECK(Filtered(life, nullptr, {lines[0], lines[1], Line("other", "db")}) == "1 other ");
}

TEST_CASE("a line without a level has that of the line before it in the same breath") {
  LogChoice choice;
  choice.least = LogLevel::kWarn;
  constexpr WallNanos kSecond = 1'000'000'000;
  CHECK(Filtered(choice, nullptr,
                 {Line("plain"), Line("ERROR boom"), Line("  at main.c"), Line("INFO fine"), Line("  detail"),
                  Line("WARN x", "db"), Line("of db", "db"), Line("of web")}) ==
        "ERROR boom   at main.c WARN x of db ");
  CHECK(Filtered(choice, nullptr,
                 {Line("ERROR boom", "web", kSecond), Line("at", "web", 2 * kSecond),
                  Line("late", "web", 4 * kSecond)}) == "ERROR boom at ");
  LogEntry err = Line("Traceback");
  err.stream = 1;
  CHECK(Filtered(choice, nullptr, {Line("INFO a"), err}) == "Traceback ");
  LogEntry next_life = Line("started");
  next_life.incarnation = 2;
  CHECK(Filtered(choice, nullptr, {Line("ERROR boom"), next_life}) == "ERROR boom ");
  LogEntry rest = Line("ERROR in the middle of a long line");
  rest.is_continued = true;
  CHECK(Filtered(choice, nullptr, {Line("INFO long"), rest}).empty());
}

TEST_CASE("what is missing is told whatever is looked for") {
  LogEntry gap = Line("");
  gap.skipped = 5;
  CHECK(Filtered({}, "x", {Line("a"), gap, Line("x")}) == "' x ");
}

TEST_CASE("the last lines of each service are kept, in their order") {
  TailKeeper keeper(2, false);
  for (int i = 0; i < 5; ++i) {
    keeper.Add({Line("a" + std::to_string(i), "a"), LogLineRole::kMatch, false, {}});
    if (i < 2) keeper.Add({Line("b" + std::to_string(i), "b"), LogLineRole::kMatch, false, {}});
  }
  Shown shown;
  keeper.Drain(shown.emit());
  CHECK(shown.text == "b0 b1 a3 a4 ");
}

TEST_CASE("the last matches are kept with what stands beside them") {
  for (auto [count, want] :
       {std::pair(1, "9' 10 11' "), {2, "4' 5 6' -- 9' 10 11' "}, {3, "1' 2 3' 4' 5 6' -- 9' 10 11' "}}) {
    TailKeeper keeper(static_cast<std::size_t>(count), true);
    LogChoice choice;
    choice.before = choice.after = 1;
    LogFilter filter(choice, std::move(*LogPattern::Make("^(2|5|10)$", false)),
                     [&](LogLineShown line) { keeper.Add(std::move(line)); });
    for (const auto& line : Numbers(12)) filter.Add(line);
    Shown shown;
    keeper.Drain(shown.emit());
    INFO(count);
    CHECK(shown.text == want);
  }
}

}  // namespace
}  // namespace foster::cli
