// SPDX-License-Identifier: MIT
// How lines look: log_printer, log_pretty, log_fold.
#include <catch2/catch.hpp>

#include "cli/log_fold.h"
#include "cli/log_pretty.h"
#include "cli/log_printer.h"

namespace foster::cli {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr WallNanos kNow = 1795266000 * kSecond;

LogLineShown Line(const std::string& text, const std::string& service = "web", WallNanos wall = kNow) {
  LogLineShown line;
  line.entry.service = service;
  line.entry.text = text;
  line.entry.wall = wall;
  return line;
}

std::string Printed(LogStyle style, const std::vector<LogLineShown>& lines) {
  LogPrinter printer({"db", "web"}, style, *TimeZone::Open("UTC"));
  std::string out;
  for (const auto& line : lines) printer.Print(line, kNow + 5 * kSecond, &out);
  return out;
}

TEST_CASE("lines of several services stand under aligned names") {
  LogStyle style;
  style.prefix = true;
  CHECK(Printed(style, {Line("a"), Line("b", "db")}) == "web | a\ndb  | b\n");
  style.time = TimeFormat::kIso;
  CHECK(Printed(style, {Line("a")}) == "2026-11-21T13:00:00.000Z web | a\n");
  style.time = TimeFormat::kRelative;
  CHECK(Printed(style, {Line("a")}) == "    5s ago web | a\n");
}

TEST_CASE("raw and cat leave everything out but the text") {
  LogStyle style;
  style.prefix = true;
  style.time = TimeFormat::kIso;
  auto cut = Line(std::string("half\0\xff", 6));
  cut.entry.is_cut = true;
  style.output = LogOutput::kRaw;
  CHECK(Printed(style, {cut, Line("line\r")}) == std::string("half\0\xffline\r\n", 12));
  style.output = LogOutput::kCat;
  CHECK(Printed(style, {cut, Line("line")}) == std::string("half\0\xff\nline\n", 12));
}

TEST_CASE("what is missing and what was left out is told, but not among raw bytes") {
  auto gap = Line("");
  gap.entry.skipped = 1;
  auto bytes = Line("disk full");
  bytes.entry.skipped_bytes = 120;
  auto group = Line("x");
  group.begins_group = true;
  LogStyle style;
  CHECK(Printed(style, {gap, bytes, group}) ==
        "-- 1 line skipped --\n-- 120 bytes skipped: disk full --\n--\nx\n");
  style.output = LogOutput::kRaw;
  CHECK(Printed(style, {gap, bytes, group}) == "x\n");
  style.output = LogOutput::kJson;
  CHECK(Printed(style, {gap}) == "{\"name\":\"web\",\"skipped\":1}\n");
}

TEST_CASE("matches are emphasised where colours are on") {
  auto line = Line("an error here");
  line.spans = {{3, 8}};
  LogStyle style;
  CHECK(Printed(style, {line}) == "an error here\n");
  style.colour = true;
  CHECK(Printed(style, {line}) == "an \033[1;31merror\033[0m here\n");
}

TEST_CASE("objects are shown as level, time, message and the rest") {
  auto pretty = [](std::string_view text) { return PrettyObject(text, false).value_or("(as it is)"); };
  CHECK(pretty(R"({"ts":"2026-11-21T13:00:00Z","level":"warning","msg":"slow","ms":12,"path":"/a b"})") ==
        R"(WARN  2026-11-21T13:00:00Z slow ms=12 path="/a b")");
  CHECK(pretty(R"({"time":1795266000123,"level":50,"msg":"x"})") == "ERROR 2026-11-21T13:00:00.123Z x");
  CHECK(pretty(R"({"a":{"b":[1,2]},"c":"","d":null,"e":"x=1"})") == R"(a={"b":[1,2]} c="" d=null e="x=1")");
  CHECK(pretty(R"({"msg":"boom","stack":"E\n  at f\n  at g","n":1})") ==
        "boom n=1\n    stack:\n      E\n        at f\n        at g");
  CHECK(pretty(R"({"msg":"\u001b[31mred"})") == "?[31mred");
  CHECK(pretty("{}") == "{}");
  for (const char* text : {"", "text", "[1]", "{\"a\":1} tail", "x {\"a\":1}", "{\"a\":"})
    CHECK(pretty(text) == "(as it is)");
  CHECK(*PrettyObject(R"({"level":"error","msg":"m","k":1})", true) ==
        "\033[31mERROR\033[0m \033[1mm\033[0m \033[36mk=\033[0m1");
}

struct Folded {
  std::string text;
  void Run(FoldHow how, const std::vector<LogLineShown>& lines) {
    LogFold fold(
        how, [this](LogLineShown line) { text += line.entry.service + ":" + line.entry.text + " "; },
        [this](const LogLineShown& last, std::uint64_t times, WallNanos first) {
          text += last.entry.service + " x" + std::to_string(times) + "/" +
                  std::to_string((last.entry.wall - first) / kSecond) + " ";
        });
    for (const auto& line : lines) fold.Add(line);
    fold.Flush();
  }
};

TEST_CASE("repeated lines of a service are counted, whatever others say in between") {
  Folded folded;
  folded.Run(FoldHow::kExact, {Line("a"), Line("a"), Line("x", "db"), Line("a", "web", kNow + 9 * kSecond),
                               Line("b"), Line("b1"), Line("b2"), Line("x", "db")});
  CHECK(folded.text == "web:a db:x web x3/9 web:b web:b1 web:b2 db x2/0 ");
}

TEST_CASE("loose folding takes numbers for each other") {
  CHECK(LooseText("2026-11-21T13:00:01Z GET /a12 in 7ms id=deadbeef01 facade") ==
        "#-#-#T#:#:#Z GET /a# in #ms id=# facade");
  Folded folded;
  folded.Run(FoldHow::kLoose, {Line("try 1"), Line("try 22"), Line("done 3")});
  CHECK(folded.text == "web:try 1 web x2/0 web:done 3 ");
}

TEST_CASE("a count is shown with its span") {
  LogStyle style;
  style.prefix = true;
  LogPrinter printer({"web"}, style, *TimeZone::Open("UTC"));
  std::string out;
  printer.PrintRepeats(Line("a", "web", kNow + 251 * kSecond), 412, kNow, kNow, &out);
  printer.PrintRepeats(Line("a"), 2, kNow, kNow, &out);
  CHECK(out == "web | ... x 412 in 4m11s\nweb | ... x 2\n");
}

}  // namespace
}  // namespace foster::cli
