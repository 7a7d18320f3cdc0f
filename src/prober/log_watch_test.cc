// SPDX-License-Identifier: MIT
#include "prober/log_watch.h"

#include <catch2/catch.hpp>

#include "prober_rig.h"

namespace foster {
namespace {

LogWatch Watch(const LogWriter& log, const std::string& pattern, bool is_regex = false,
               std::uint64_t incarnation = 1) {
  return {log.table, {"web", incarnation, 0, 0}, *LineMatcher::Make(pattern, is_regex)};
}

TEST_CASE("escape sequences count as if they were not there") {
  CHECK(PlainLine("\x1b[32mrea\x1b[0mdy\r") == "ready");
  CHECK(PlainLine("\x1b]0;title\area\x1b]8;;http://x\x1b\\dy") == "ready");
  CHECK(PlainLine("\x1b(Bready\x1b=") == "ready");
  CHECK(PlainLine("ready\x1b") == "ready");
  CHECK(PlainLine("ready\x1b[3") == "ready");
  CHECK(PlainLine("a\tb \xe2\x82\xac") == "a\tb \xe2\x82\xac");
}

TEST_CASE("a text is a text, a pattern is POSIX extended, and a wrong one is told") {
  CHECK((*LineMatcher::Make("a.c", false)).Matches("xa.cx"));
  CHECK_FALSE((*LineMatcher::Make("a.c", false)).Matches("abc"));
  CHECK((*LineMatcher::Make("^port [0-9]+$", true)).Matches("port 80"));
  CHECK_FALSE((*LineMatcher::Make("^port [0-9]+$", true)).Matches("port 80 "));
  CHECK((*LineMatcher::Make("after$", true)).Matches(std::string("nul\0after", 9)));
  const auto wrong = LineMatcher::Make("a[", true);
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().message().substr(0, 29) == "cannot use the pattern 'a[': ");
}

TEST_CASE("a line is found on either stream, before it is complete as well") {
  LogWriter log;
  LogWatch watch = Watch(log, "is ready");
  CHECK_FALSE(watch.Look());
  log.Write(0, "starting\nserver is re");
  CHECK_FALSE(watch.Look());
  log.Write(1, "warning\n");
  CHECK_FALSE(watch.Look());
  log.Write(0, "ady");
  CHECK(watch.Look() == "server is ready");
  LogWatch on_stderr = Watch(log, "arn");
  CHECK(on_stderr.Look() == "warning");
}

TEST_CASE("what an earlier or a later incarnation wrote does not count") {
  LogWriter log;
  log.Write(0, "ready\nhalf a line that is read");
  LogWatch first = Watch(log, "ready");
  CHECK(first.Look() == "ready");
  log.Begin(2);
  CHECK_FALSE(first.Look());
  LogWatch watch = Watch(log, "ready", false, 2);
  CHECK_FALSE(watch.Look());
  log.Write(0, "y to go\n");
  CHECK_FALSE(watch.Look());
  CHECK(Watch(log, "to go", false, 2).Look() == "y to go");
  CHECK_FALSE(Watch(log, "to go", false, 1).Look());
  log.Begin(3);
  log.Write(0, "ready\n");
  CHECK_FALSE(watch.Look());
  CHECK(Watch(log, "ready", false, 3).Look() == "ready");
}

TEST_CASE("what an earlier incarnation left in its pipe does not count, although it comes later") {
  LogWriter log;
  log.Begin(2, "ready\n");
  log.Begin(2);  // said again: no other beginning
  LogWatch watch = Watch(log, "ready", false, 2);
  log.Write(0, "ready\n");
  CHECK_FALSE(watch.Look());
  log.Write(0, "not yet\n");
  CHECK_FALSE(watch.Look());
  log.Write(0, "ready at last\n");
  CHECK(watch.Look() == "ready at last");
}

TEST_CASE("a line counts however many pieces it came in, and however many came before the first look") {
  LogWriter log;
  for (std::uint32_t i = 0; i < 5'000; ++i) log.Write(0, "l\n");
  log.Write(0, "ready\n");
  for (std::uint32_t i = 0; i < 1034; ++i) log.Write(1, "n\n");
  LogWatch watch = Watch(log, "ready");
  CHECK(watch.Look() == "ready");
}

TEST_CASE("the end of a line that may go on is no end") {
  LogWriter log;
  log.Write(0, "port 8");
  LogWatch watch = Watch(log, "^port [0-9]$", true);
  CHECK_FALSE(watch.Look());
  log.Write(0, "0\nport 9");
  CHECK_FALSE(watch.Look());
  log.Write(0, "\n");
  CHECK(watch.Look() == "port 9");
}

TEST_CASE("each look is bounded and goes on where the last one ended") {
  LogWriter log;
  for (int i = 0; i < 3; ++i) log.Write(0, std::string(kLookBytes, 'x') + "\n");
  log.Write(0, "ready\n");
  LogWatch watch = Watch(log, "ready");
  int looks = 0;
  std::optional<std::string> found;
  do {
    found = watch.Look();
    ++looks;
  } while (!found && watch.has_more());
  CHECK(found == "ready");
  CHECK(looks >= 4);
  CHECK(looks <= 5);
}

TEST_CASE("bytes that came long ago, bytes that were punched out, and a service without logs") {
  LogWriter log;
  log.Write(0, "first\n");
  LogWatch watch = Watch(log, "ready");
  CHECK_FALSE(watch.Look());
  log.Write(0, "ready\n");
  for (std::uint32_t i = 0; i < 1034; ++i) log.Write(1, "noise\n");
  log.Write(0, "later\n");
  CHECK(watch.Look() == "ready");
  log.table->header().slots[log.slot].streams[0].tail.store(12);
  LogWatch late = Watch(log, "ready");
  CHECK_FALSE(late.Look());
  LogWatch nobody(log.table, {"other", 1, 0, 0}, *LineMatcher::Make("", false));
  CHECK_FALSE(nobody.Look());
}

TEST_CASE("a probe waits for its line, however long, and is answered once") {
  LogWriter log;
  ProberRig rig(log.table);
  Probe probe;
  probe.kind = ProbeKind::kLogLine;
  probe.pattern = "ready";
  probe.timeout = Millis(1);
  const auto text = rig.Ask(probe, {"web", 1, 0, 0});
  probe.is_regex = true;
  probe.pattern = "^re[a-d]+y$";
  const auto pattern = rig.Ask(probe, {"web", 1, 0, 0});
  log.Write(0, "not yet\n");
  rig.LogGrew();
  rig.Run(1, Millis(50));
  CHECK(rig.answers.empty());
  log.Write(0, "\x1b[1mready\x1b[0m\n");
  rig.LogGrew();
  rig.Run(2);
  REQUIRE(rig.answers.size() == 2);
  CHECK(rig.answers[text].ok);
  CHECK(rig.answers[text].text == "wrote 'ready'");
  CHECK(rig.answers[pattern].ok);
  rig.LogGrew();
  CHECK(rig.requests.waiting() == 0);
}

TEST_CASE("much output is looked through in turns") {
  LogWriter log;
  for (int i = 0; i < 12; ++i) log.Write(1, std::string(65'000, 'x') + "\n");
  log.Write(1, "ready\n");
  ProberRig rig(log.table);
  Probe probe;
  probe.kind = ProbeKind::kLogLine;
  probe.pattern = "ready";
  CHECK(rig.AnswerTo(probe, {"web", 1, 0, 0}).ok);
}

TEST_CASE("without logs, and with a wrong pattern, the answer says why") {
  Probe probe;
  probe.kind = ProbeKind::kLogLine;
  CHECK(ProberRig().AnswerTo(probe).text == "cannot read the logs: they were not handed over");
  probe.is_regex = true;
  probe.pattern = "(";
  LogWriter log;
  const auto wrong = ProberRig(log.table).AnswerTo(probe, {"web", 1, 0, 0});
  CHECK_FALSE(wrong.ok);
  CHECK(wrong.text.substr(0, 28) == "cannot use the pattern '(': ");
}

}  // namespace
}  // namespace foster
