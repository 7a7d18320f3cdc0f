// SPDX-License-Identifier: MIT
#include "logd/s6_sink.h"

#include <signal.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "logfile/time_stamp.h"
#include "s6_rig.h"

namespace foster {
namespace {

TEST_CASE("lines go where the selections say") {
  S6Rig r("%/all - +ERR t %/errors f p>> %/rest ^40 +last =%/status");
  r.Make();
  r.Write("one\nERR two\nthree\nthe last\n");
  r.Write("ERR four\n", 1);
  r.Work();
  CHECK(r.All("all") == "one\nERR two\nthree\nthe last\nERR four\n");
  const std::string errors = r.All("errors");
  CHECK(errors.substr(25, 9) == " ERR two\n");
  CHECK(ReadTai64nStamp(errors.substr(0, 25)).has_value());
  CHECK(errors.substr(34 + 25) == " ERR four\n");
  CHECK(r.All("rest").empty());  // all was taken by the first
  CHECK(Slurp(r.base / "status") == ">>the last\n" + std::string(29, '\n'));
  CHECK(ModeOf(r.base / "all/current") == 0644);
  CHECK(fs::exists(r.base / "all/state"));
  r.Work(true);
  CHECK(ModeOf(r.base / "all/current") == 0744);
  CHECK(r.state().lines.load() == 5);
}

TEST_CASE("archives have their size and their number") {
  S6Rig r("n3 s4096 l0 %/a n100 %/b");
  r.Make();
  const std::string lines = Numbered(0, 3000);
  r.Write(lines);
  r.Work();
  CHECK(r.All("b") == lines);
  CHECK(r.Archives("a", 's').size() == 3);
  for (const std::string& name : r.Archives("b", 's')) {
    const std::string content = Slurp(r.base / "b" / name);
    CHECK(content.size() <= 4096);
    CHECK(content.size() > 4000);
    CHECK(content.back() == '\n');
    CHECK(ModeOf(r.base / "b" / name) == 0744);
  }
  CHECK(lines.substr(lines.size() - r.All("a").size()) == r.All("a"));
}

TEST_CASE("a request rotates what has something") {
  S6Rig r("%/a -. %/b");
  r.Make();
  r.Write("x\n");
  r.Work();
  r.sink->Rotate();
  r.Work();
  CHECK(r.Archives("a", 's').size() == 1);
  CHECK(r.Archives("b", 's').empty());
  CHECK(Slurp(r.base / "a/current").empty());
}

TEST_CASE("time rotates, too") {
  S6Rig r("R60 %/a");
  r.Make();
  r.Write("x\n");
  const MonoTime due = r.Work();
  CHECK(due > MonoNow() + Millis{50'000});
  CHECK(due <= MonoNow() + Millis{60'000});
  r.Work(false, false, due);
  CHECK(r.Archives("a", 's').size() == 1);
}

TEST_CASE("a line without its end is written when nothing more comes, and gets one") {
  S6Rig r("%/a");
  r.Make();
  r.Write("one\ntw");
  r.Work();
  CHECK(r.All("a") == "one\n");
  r.Work(false, true);
  CHECK(r.All("a") == "one\ntw\n");
  r.Write("o\n");
  r.Work();
  CHECK(r.All("a") == "one\ntw\no\n");
}

TEST_CASE("bytes that were dropped are told of") {
  S6Rig r("%/a");
  r.Make();
  r.Write("old\nnew\n");
  r.table.header().slots[r.slot].streams[0].tail.store(4);
  r.Work();
  CHECK(r.All("a") == "foster: 4 bytes skipped: the directory was too slow\nnew\n");
  CHECK(r.state().skipped[0].load() == 4);
  CHECK(r.state().skipped_told[0].load() == 4);
}

TEST_CASE("a step that was half done is taken back everywhere") {
  S6Rig r("%/a %/b %/c");
  r.Make();
  r.Write(Numbered(0, 10));
  r.Work();
  // As a logd leaves it that was killed after the first directory and a part of the second.
  LogSinkState& s = r.state();
  s.step_size_before = static_cast<std::int64_t>(Numbered(0, 10).size());
  s.reserved[0] = s.reserved[1] = Numbered(0, 10).size();
  s.step_length = 3 * 20;
  s.step_stream = s.step_reserved = 0;
  s.step_next[0] = s.position[0] + 20;
  s.step_next[1] = 0;
  s.step_valid.store(1);
  std::ofstream(r.base / "a/current", std::ios::app) << "line 10 of the test\n";
  std::ofstream(r.base / "b/current", std::ios::app) << "line 1";
  r.sink.reset();  // gives up its locks, as a kill does
  r.state().flags.fetch_or(2);
  r.Write(Numbered(10, 20));
  r.Make();
  r.Work();
  CHECK(r.All("a") == Numbered(0, 20));
  CHECK(r.All("b") == Numbered(0, 20));
  CHECK(r.All("c") == Numbered(0, 20));
  CHECK(r.Archives("a", 'u').empty());
}

TEST_CASE("what somebody else left half done is kept as unprocessed") {
  S6Rig r("%/a");
  fs::create_directory(r.base / "a");
  std::ofstream(r.base / "a/current") << "half a li";
  std::ofstream(r.base / "a/previous") << "older\n";
  std::ofstream(r.base / "a/processed") << "not finished";
  r.Make();
  r.Write("new\n");
  r.Work();
  CHECK(r.Archives("a", 'u').size() == 2);
  CHECK(Slurp(r.base / "a/current") == "new\n");
  CHECK_FALSE(fs::exists(r.base / "a/previous"));
  CHECK_FALSE(fs::exists(r.base / "a/processed"));
}

TEST_CASE("a directory has one writer") {
  S6Rig r("%/a");
  r.Make();
  r.Write("x\n");
  r.Work();
  S6Rig other(r.spec.target);
  other.Make();
  other.Write("y\n");
  const MonoTime due = other.Work();
  CHECK(due != kNoDeadline);
  CHECK(other.state().last_error.load() == EBUSY);
  CHECK(other.state().health.load() == static_cast<std::uint32_t>(LogSinkHealth::kBroken));
  r.sink.reset();
  other.Work(false, false, due);
  CHECK(Slurp(r.base / "a/current") == "x\ny\n");
}

std::vector<std::string> Letters(S6Rig& r) {
  std::string packed;
  r.mail.TakeAll(&packed);
  std::vector<std::string> lines;
  Mailbox::Letter letter;
  for (std::size_t at = 0; Mailbox::Next(packed, &at, &letter);) lines.emplace_back(letter.line);
  return lines;
}

TEST_CASE("what is for stdout goes by mail; what finds no room is counted and told of") {
  S6Rig r("%/a - +ERR p>> 1");
  r.Make();
  r.Write("one\nERR two\n");
  r.Work();
  CHECK(Letters(r) == std::vector<std::string>{">>ERR two"});
  CHECK(r.All("a") == "one\nERR two\n");
  const std::string line = "ERR " + std::string(995, 'x') + "\n";
  for (int i = 0; i < 300; ++i) r.Write(line);
  r.Work();
  const std::vector<std::string> full = Letters(r);
  CHECK(full.size() < 300);
  CHECK(r.state().failures.load() == 300 - full.size());
  r.Write("ERR last\n");
  r.Work();
  CHECK(Letters(r) == std::vector<std::string>{"foster: " + std::to_string(300 - full.size()) +
                                                   " lines left out here: stdout is too slow",
                                               ">>ERR last"});
}

TEST_CASE("a full disk stops a step in all directories") {
  S6Rig r("%/a %/b");
  r.Make();
  r.Write("x\n");
  r.Work();
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 100;
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string rest = Numbered(0, 20);
  r.Write("");
  REQUIRE(write(r.writers[0].get(), rest.data(), rest.size()) == static_cast<ssize_t>(rest.size()));
  setrlimit(RLIMIT_FSIZE, &before);
  REQUIRE(FillFromPipe(r.table, r.streams[0], 65536) == Fill::kMoved);
  setrlimit(RLIMIT_FSIZE, &small);
  const MonoTime due = r.Work();
  setrlimit(RLIMIT_FSIZE, &before);
  CHECK(due != kNoDeadline);
  CHECK(r.state().last_error.load() == EFBIG);
  CHECK_FALSE(r.sink->CanBlock());
  CHECK(Slurp(r.base / "a/current") == "x\n");
  CHECK(Slurp(r.base / "b/current") == "x\n");
  r.Work(false, false, due);
  CHECK(r.All("a") == "x\n" + rest);
  CHECK(r.All("b") == "x\n" + rest);
  CHECK(r.sink->CanBlock());
}

}  // namespace
}  // namespace foster
