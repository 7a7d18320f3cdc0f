// SPDX-License-Identifier: MIT
#include "sys/log_reader.h"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace foster {
namespace {

// Writes as logd does: bytes, index entry, indexed.
struct Writer {
  LogTable table = std::move(LogTable::Create().value());
  int slot = table.Allocate("web");
  std::int64_t now = 100;
  std::uint64_t incarnation = 7;

  LogSlot& Slot() { return table.header().slots[slot]; }
  void Write(std::uint32_t stream, const std::string& text) {
    LogStream& s = Slot().streams[stream];
    REQUIRE(pwrite(table.arena_fd(), text.data(), text.size(), s.write_at) ==
            static_cast<ssize_t>(text.size()));
    s.write_at += static_cast<std::int64_t>(text.size());
    LogIndexEntry entry{};
    for (std::uint32_t i = 0; i < kLogStreams; ++i) entry.ends[i] = Written(Slot().streams[i], 0, i);
    entry.wall = now++;
    entry.mono = entry.wall + 1000;
    entry.incarnation = incarnation;
    entry.lines = Slot().lines.load();
    entry.stream = stream;
    entry.length = static_cast<std::uint32_t>(text.size());
    entry.newlines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
    const std::uint64_t number = Slot().index_end.load();
    const auto offset = ArenaBase(0, kIndexStream) + static_cast<std::int64_t>(number * sizeof(entry));
    REQUIRE(pwrite(table.arena_fd(), &entry, sizeof(entry), offset) == sizeof(entry));
    Slot().index_end.store(number + 1);
    Slot().lines.store(entry.lines + entry.newlines);
    s.indexed.store(entry.ends[stream]);
  }
  std::string Tail(std::size_t count) { return Show(TailLines(table, slot, count, &cursor)); }
  std::string Since(std::size_t limit = 100) { return Show(LinesSince(table, slot, &cursor, limit)); }
  // By a filter: found, then read as far as was found.
  std::string Last(const LogFilter& filter, std::size_t count, std::uint64_t max_bytes = 1u << 20) {
    const LogSpan span = FindLast(table, slot, filter, count, max_bytes);
    cursor = span.begin;
    return Show(ReadLines(table, slot, &cursor, filter, {}, &span.end).lines);
  }
  static std::string Show(const std::vector<LogLine>& lines) {
    std::string all;
    for (const LogLine& line : lines)
      all += std::to_string(line.stream) + ":" + line.text + (line.partial ? "~" : ";");
    return all;
  }
  LogCursor cursor;
};

std::vector<std::uint64_t> Numbers(const std::vector<LogLine>& lines) {
  std::vector<std::uint64_t> numbers;
  for (const LogLine& line : lines) numbers.push_back(line.seq);
  return numbers;
}

std::string Positions(const LogCursor& cursor) {
  return std::to_string(cursor.position[0]) + "." + std::to_string(cursor.position[1]);
}

TEST_CASE("both streams come in the order of their bytes") {
  Writer w;
  CHECK(w.Tail(10).empty());
  w.Write(0, "a\nb\n");
  w.Write(1, "E1\n");
  w.Write(0, "c\n");
  CHECK(w.Tail(10) == "0:a;0:b;1:E1;0:c;");
  CHECK(w.Tail(2) == "1:E1;0:c;");
  CHECK(Positions(w.cursor) == "6.3");
  CHECK(w.Since().empty());
  const auto lines = TailLines(w.table, w.slot, 1, &w.cursor);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].wall == 102);
  CHECK(lines[0].incarnation == 7);
  CHECK(lines[0].mono == 1102);
  CHECK(lines[0].seq == 4);
}

TEST_CASE("a line belongs where its last byte came; a rest is shown but not passed") {
  Writer w;
  w.Write(0, "half");
  w.Write(1, "E\n");
  CHECK(w.Tail(10) == "1:E;0:half~");
  CHECK(Positions(w.cursor) == "0.2");
  CHECK(w.Since().empty());
  w.Write(0, " whole\nrest");
  CHECK(w.Since() == "0:half whole;");
  w.cursor = {};
  CHECK(w.Since() == "1:E;0:half whole;");
  CHECK(w.Tail(10) == "1:E;0:half whole;0:rest~");
}

TEST_CASE("reading on with a limit gives every line once") {
  Writer w;
  for (int i = 0; i < 10; ++i) w.Write(i % 3 == 0, std::to_string(i) + "\n");
  std::string all;
  for (std::string part = w.Since(3); !part.empty(); part = w.Since(3)) all += part;
  CHECK(all == "1:0;0:1;0:2;1:3;0:4;0:5;1:6;0:7;0:8;1:9;");
}

TEST_CASE("what was punched out is skipped, cursors from elsewhere begin at the oldest line") {
  Writer w;
  w.Write(0, "one\ntwo\nthree\n");
  w.Slot().streams[0].tail.store(4);
  CHECK(w.Since() == "0:two;0:three;");
  w.cursor.position = {99999, 5};
  CHECK(w.Since() == "0:two;0:three;");
  w.cursor.position = {14, 0};
  CHECK(w.Since().empty());
}

TEST_CASE("long lines come in pieces, and many bytes in several calls, none lost") {
  Writer w;
  const std::string big(65536, 'x');
  w.Write(0, big + "tail\n" + big + "\n");
  auto lines = TailLines(w.table, w.slot, 10, &w.cursor);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].text == big);
  CHECK(lines[1].text == "tail");
  CHECK(lines[2].text == big);
  for (int i = 0; i < 40; ++i) w.Write(0, std::string(65000, 'y') + "\n");
  w.Write(1, "E\n");
  std::size_t count = 0;
  std::uint32_t last = 0;
  for (lines = LinesSince(w.table, w.slot, &w.cursor, 1000); !lines.empty();
       lines = LinesSince(w.table, w.slot, &w.cursor, 1000)) {
    count += lines.size();
    last = lines.back().stream;
  }
  CHECK(count == 41);
  CHECK(last == 1);
}

TEST_CASE("bytes pass unchanged; slots that are not there give nothing") {
  Writer w;
  const std::string odd("\0\xff\r\n\n", 5);
  w.Write(0, odd);
  const auto lines = TailLines(w.table, w.slot, 10, &w.cursor);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].text == std::string("\0\xff\r", 3));
  CHECK(lines[1].text.empty());
  for (int slot : {-1, 1, 4095, 4096, 1 << 30}) {
    CHECK(TailLines(w.table, slot, 10, &w.cursor).empty());
    CHECK(LinesSince(w.table, slot, &w.cursor, 10).empty());
  }
}

TEST_CASE("cursors as text") {
  LogCursor cursor;
  CHECK(FromText("12.7", &cursor));
  CHECK(cursor == LogCursor{0, {12, 7}});
  CHECK(FromText("01ab23cd.12.7", &cursor));
  CHECK(cursor == LogCursor{0x01ab23cd, {12, 7}});
  CHECK(ToText(cursor) == "01ab23cd.12.7");
  for (const char* bad : {"", "12", "12.", ".7", "1.2.3", "-1.2", "1.x", " 1.2", "99999999999999999999.1",
                          "01ab23cg.1.2", "1ab23cd.1.2", "01ab23cd.1", "01ab23cd.1.2.3", "-1ab23cd.1.2"})
    CHECK_FALSE(FromText(bad, &cursor));
  CHECK(ToText(cursor) == "01ab23cd.12.7");
  const Writer w;
  CHECK(BootOf(w.table) != 0);
}

TEST_CASE("the pieces of a long line say so") {
  Writer w;
  const std::string piece(kLogLineMost, 'x');
  w.Write(0, piece + piece + "end\nnext\n" + piece + "\n");
  const auto lines = TailLines(w.table, w.slot, 10, &w.cursor);
  REQUIRE(lines.size() == 5);
  const auto marks = [&](std::size_t i) {
    return std::string(lines[i].is_continued ? "<" : "") + (lines[i].is_cut ? ">" : "");
  };
  CHECK(marks(0) + " " + marks(1) + " " + marks(2) + " " + marks(3) + " " + marks(4) == "> <> <  ");
  CHECK(Numbers(lines) == std::vector<std::uint64_t>{1, 1, 1, 2, 3});
  w.cursor.position[0] = kLogLineMost;
  const auto on = LinesSince(w.table, w.slot, &w.cursor, 1);
  REQUIRE(on.size() == 1);
  CHECK(on[0].is_continued);
}

TEST_CASE("each line has its number, wherever reading begins") {
  Writer w;
  w.Write(0, "1\n2\n3");
  w.Write(1, "4th is 3\n");
  w.Write(0, " is 4\n5\n");
  CHECK(Numbers(TailLines(w.table, w.slot, 10, &w.cursor)) == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
  CHECK(Numbers(TailLines(w.table, w.slot, 2, &w.cursor)) == std::vector<std::uint64_t>{4, 5});
  w.cursor = {};
  w.cursor.position = {2, 0};
  CHECK(Numbers(LinesSince(w.table, w.slot, &w.cursor, 2)) == std::vector<std::uint64_t>{2, 3});
  w.Slot().streams[0].tail.store(2);
  w.cursor = {};
  CHECK(Numbers(LinesSince(w.table, w.slot, &w.cursor, 10)) == std::vector<std::uint64_t>{2, 3, 4, 5});
}

TEST_CASE("lines of one stream, of one life, of one span of time") {
  Writer w;  // at 100, 101 ...
  w.incarnation = 1;
  w.Write(0, "a\nb\n");
  w.Write(1, "E1\n");
  w.incarnation = 2;
  w.Write(0, "c\n");
  w.Write(1, "E2\nE3\n");
  w.incarnation = 3;
  w.Write(0, "d\n");
  LogFilter only_err;
  only_err.takes = {false, true};
  CHECK(w.Last(only_err, 2) == "1:E2;1:E3;");
  CHECK(w.Last(only_err, 100) == "1:E1;1:E2;1:E3;");
  LogFilter second;
  second.incarnation = 2;
  CHECK(w.Last(second, 100) == "0:c;1:E2;1:E3;");
  CHECK(w.Last(second, 1) == "1:E3;");
  LogFilter span;
  span.since = 101;
  span.until = 102;
  CHECK(w.Last(span, 100) == "1:E1;0:c;");
  CHECK(w.Last(span, 1) == "0:c;");
  span.takes = {true, false};
  CHECK(w.Last(span, 100) == "0:c;");
  LogFilter never;
  never.since = 1000;
  CHECK(w.Last(never, 100).empty());
  never.since = INT64_MIN;
  never.until = 5;
  CHECK(w.Last(never, 100).empty());
  CHECK(w.Last(LogFilter{}, 0).empty());
}

TEST_CASE("the newest lines win when they may not have many bytes") {
  Writer w;
  for (int i = 0; i < 100; ++i) w.Write(0, std::to_string(1000 + i) + "\n");
  CHECK(w.Last(LogFilter{}, SIZE_MAX, 15) == "0:1097;0:1098;0:1099;");
  CHECK(w.Last(LogFilter{}, 2, 15) == "0:1098;0:1099;");
}

TEST_CASE("a call stops where its budget ends, and the next one goes on") {
  Writer w;
  for (int i = 0; i < 2000; ++i) w.Write(i % 2, std::string(100, 'x') + "\n");
  LogBudget budget;
  budget.bytes = 10'000;
  std::size_t lines = 0;
  int calls = 0;
  for (bool has_more = true; has_more; ++calls) {
    const LogBatch batch = ReadLines(w.table, w.slot, &w.cursor, LogFilter{}, budget);
    CHECK(batch.lines.size() <= 100);
    lines += batch.lines.size();
    has_more = batch.has_more;
  }
  CHECK(lines == 2000);
  CHECK(calls > 20);
  LogFilter nothing;
  nothing.incarnation = 99;
  w.cursor = {};
  const LogBatch batch = ReadLines(w.table, w.slot, &w.cursor, nothing, budget);
  CHECK(batch.lines.empty());
  CHECK(batch.has_more);
  CHECK(w.cursor.position[0] + w.cursor.position[1] > 0);
}

TEST_CASE("what is gone is counted") {
  Writer w;
  w.Write(0, "one\ntwo\nthree\n");
  w.Slot().streams[0].tail.store(4);
  CHECK(ReadLines(w.table, w.slot, &w.cursor, LogFilter{}, {}).skipped == 4);
  w.Write(0, "four\n");
  w.Slot().index_tail.store(1);  // the entry of the first three is gone, their bytes are not yet
  w.cursor = {};
  CHECK(w.Since() == "0:two;0:three;0:four;");
}

// Random writes, read back in random steps: every line of each stream once, in order, with rising numbers.
TEST_CASE("whatever is written is read") {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    Writer w;
    std::array<std::string, kLogStreams> wrote, read;
    LogFilter filter;
    std::uint64_t last = 0;
    const auto take = [&](const LogBudget& budget) {
      const LogBatch batch = ReadLines(w.table, w.slot, &w.cursor, filter, budget);
      for (const LogLine& line : batch.lines) {
        read[line.stream] += line.text + (line.is_cut ? "" : "\n");
        REQUIRE(line.seq >= last);
        last = line.seq;
      }
      return batch.has_more;
    };
    for (int step = 0; step < 80; ++step) {
      std::string text(random() % (step % 20 == 0 ? 150'000 : 60), 'x');
      for (char& c : text)
        c = random() % 12 == 0 && step % 20 != 0 ? '\n' : static_cast<char>('a' + random() % 26);
      const std::uint32_t stream = random() % 2;
      if (text.empty()) continue;
      w.Write(stream, text);
      wrote[stream] += text;
      LogBudget budget;
      budget.lines = 1 + random() % 5;
      budget.bytes = 1 + random() % 1'000;
      (void)take(budget);
    }
    LogBudget least;
    least.bytes = 1;
    while (take(least)) {
    }
    for (std::uint32_t i = 0; i < kLogStreams; ++i) {
      const std::size_t whole = wrote[i].rfind('\n') + 1;  // 0 where there is none
      INFO("round " << round << " stream " << i);
      REQUIRE(read[i].size() >= whole);
      REQUIRE(read[i] == wrote[i].substr(0, read[i].size()));
    }
  }
}

}  // namespace
}  // namespace foster
