// SPDX-License-Identifier: MIT
#include "logd/line_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "logd/stream.h"

namespace foster {
namespace {

constexpr std::size_t kRoom = 256 * 1024;

struct Rig {
  LogTable table = std::move(LogTable::Create().value());
  std::uint32_t slot = static_cast<std::uint32_t>(table.Allocate("web"));
  Stream streams[kLogStreams];
  UniqueFd writers[kLogStreams];
  LineBatch batch;

  Rig() {
    for (std::uint32_t i = 0; i < kLogStreams; ++i) {
      int ends[2];
      REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
      streams[i].slot = slot;
      streams[i].stream = i;
      streams[i].pipe.Reset(ends[0]);
      writers[i].Reset(ends[1]);
    }
    table.header().slots[slot].incarnation.store(5);
  }
  LogStream& Entry(std::uint32_t stream) { return table.header().slots[slot].streams[stream]; }
  // In pieces that a pipe holds.
  void Write(std::uint32_t stream, std::string_view text) {
    while (!text.empty()) {
      const std::string_view piece = text.substr(0, 50000);
      REQUIRE(write(writers[stream].get(), piece.data(), piece.size()) == static_cast<ssize_t>(piece.size()));
      REQUIRE(FillFromPipe(table, streams[stream], 65536) == Fill::kMoved);
      text.remove_prefix(piece.size());
    }
  }
  void MoveTail(std::uint32_t stream, std::uint64_t tail) {
    Entry(stream).tail.store(tail);
    if (tail < 4096) return;
    REQUIRE(fallocate(table.arena_fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, ArenaBase(slot, stream),
                      static_cast<std::int64_t>(tail & ~std::uint64_t{4095})) == 0);
  }
  // "stream:seq:text" and a mark for each line, until there is no more; `*from` is moved.
  std::string All(LogPositions* from, bool flush = false, std::size_t room = kRoom,
                  std::array<bool, kLogStreams> takes = {true, true}) {
    LineSource source(table, slot, takes);
    std::string all;
    do {
      source.Next(*from, room, flush, &batch);
      for (const SourceLine& line : batch.lines) {
        if (line.is_continued) all += '+';
        all += std::to_string(line.stream) + ":" + std::to_string(line.seq) + ":";
        all.append(line.text.size() < 100 ? line.text : std::to_string(line.text.size()));
        all += line.is_cut ? "~" : ";";
        CHECK(line.incarnation == 5);
        CHECK(line.wall > 0);
        CHECK(line.mono > 0);
      }
      if (!batch.lines.empty()) CHECK(batch.next[batch.lines.back().stream] == batch.lines.back().end);
      *from = batch.next;
    } while (batch.has_more);
    return all;
  }
};

TEST_CASE("lines of both streams come in order and are counted together") {
  Rig r;
  LogPositions from{};
  CHECK(r.All(&from).empty());
  r.Write(0, "a\nb\nha");
  r.Write(1, "E1\n");
  r.Write(0, "lf\n\nrest");
  r.Write(1, std::string("n\0l\n\xff", 5));
  CHECK(r.All(&from) == std::string("0:1:a;0:2:b;1:3:E1;0:4:half;0:5:;1:6:n\0l;", 41));
  CHECK(from == LogPositions{10, 7});
  CHECK(r.All(&from).empty());
  CHECK(r.All(&from, true) == "0:7:rest~1:7:\xff~");
  r.Write(0, " on\nx\n");
  CHECK(r.All(&from) == "+0:7: on;0:8:x;");
  from = {};
  CHECK(r.All(&from, false, kRoom, {false, true}) == std::string("1:3:E1;1:6:n\0l;", 15));
  CHECK(from == LogPositions{0, 7});
  for (std::size_t room : {1u, 3u, 10u}) {
    from = {};
    CHECK(r.All(&from, true, room) ==
          std::string("0:1:a;0:2:b;1:3:E1;0:4:half;0:5:;1:6:n\0l;0:7:rest on;0:8:x;1:9:\xff~", 65));
  }
}

TEST_CASE("a line is counted the same from wherever reading begins") {
  Rig r;
  std::string text;
  for (int i = 1; i <= 5000; ++i) text += std::to_string(i) + "\n";
  r.Write(0, text);
  std::uint64_t at = 0;
  for (int i = 1; i <= 5000; i += 111) {
    at = text.find("\n" + std::to_string(i) + "\n") + 1;
    if (i == 1) at = 0;
    LineSource source(r.table, r.slot, {true, true});
    source.Next({at, 0}, 1, false, &r.batch);
    REQUIRE(r.batch.lines.size() == 1);
    CHECK(r.batch.lines[0].seq == static_cast<std::uint64_t>(i));
    CHECK(r.batch.lines[0].text == std::to_string(i));
  }
  r.MoveTail(0, at);  // the entry's beginning is gone
  LogPositions from{};
  LineSource source(r.table, r.slot, {true, true});
  source.Next(from, 1, false, &r.batch);
  CHECK(r.batch.skipped[0] == at);
  REQUIRE(r.batch.lines.size() == 1);
  CHECK(r.batch.lines[0].text == std::to_string(r.batch.lines[0].seq));
}

TEST_CASE("long lines come in pieces") {
  Rig r;
  const std::string most(kLogLineMost, 'x');
  r.Write(0, most + "\n" + most + "y\n" + most + most + most + "z");
  r.Write(1, "E\n");
  LogPositions from{};
  CHECK(r.All(&from) == "0:1:65536;0:2:65536~+0:2:y;0:3:65536~+0:3:65536~+0:3:65536~1:3:E;");
  CHECK(r.All(&from, true) == "+0:4:z~");
  from = {};
  CHECK(r.All(&from, false, 10).starts_with("0:1:65536;0:2:65536~+0:2:y;0:3:65536~"));
}

TEST_CASE("what is gone is counted, and nothing of it is shown") {
  Rig r;
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "line " + std::to_string(i) + "\n";
  r.Write(0, text);
  r.Write(1, "E\n");
  const std::uint64_t tail = text.find("line 9998");
  r.MoveTail(0, tail);
  LogPositions from{};
  LineSource source(r.table, r.slot, {true, true});
  source.Next(from, kRoom, false, &r.batch);
  CHECK(r.batch.skipped == LogPositions{tail, 0});
  REQUIRE(r.batch.lines.size() == 3);
  CHECK(r.batch.lines[0].text == "line 9998");
  CHECK(r.batch.lines[0].seq == 9999);
  CHECK_FALSE(r.batch.lines[0].is_continued);
  CHECK(r.batch.lines[2].text == "E");
}

TEST_CASE("a reader beside a writer that punches out sees each line whole, rising, or counted as skipped") {
  Rig r;
  constexpr int kLines = 300000;
  std::thread writer([&r] {
    std::string text;
    for (int i = 0; i < kLines; ++i) {
      text += std::to_string(i) + std::string(static_cast<std::size_t>(i % 90), '.') + "\n";
      if (text.size() < 40000 && i + 1 < kLines) continue;
      (void)!write(r.writers[0].get(), text.data(), text.size());
      (void)FillFromPipe(r.table, r.streams[0], 65536);
      text.clear();
      const std::uint64_t end = r.Entry(0).indexed.load();
      if (end > 200000 && i + 1 < kLines) {
        r.Entry(0).tail.store(end - 200000);
        (void)fallocate(r.table.arena_fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, ArenaBase(r.slot, 0),
                        static_cast<std::int64_t>((end - 200000) & ~4095ull));
      }
    }
  });
  LogPositions from{};
  LineSource source(r.table, r.slot, {true, true});
  std::uint64_t counted = 0;
  std::uint64_t seq = 0;
  int last = -1;
  std::string complaint;
  while (last != kLines - 1) {
    source.Next(from, 65536, false, &r.batch);
    counted += r.batch.skipped[0];
    std::uint64_t before = from[0] + r.batch.skipped[0];
    for (const SourceLine& line : r.batch.lines) {
      counted += line.end - before;
      before = line.end;
      if (line.is_continued) continue;  // the tail may lie within a line
      const int number = std::atoi(std::string(line.text.substr(0, 10)).c_str());
      const std::string wanted =
          std::to_string(number) + std::string(static_cast<std::size_t>(number % 90), '.');
      if (line.text != wanted || number <= last || line.seq != static_cast<std::uint64_t>(number) + 1 ||
          line.seq <= seq)
        complaint = "after " + std::to_string(last) + ", seq " + std::to_string(line.seq) + ": " +
                    std::string(line.text);
      last = number;
      seq = line.seq;
    }
    from = r.batch.next;
  }
  writer.join();
  CHECK(complaint == "");
  CHECK(counted == r.Entry(0).indexed.load());
}

TEST_CASE("raw lengths end behind a newline where there is one") {
  Rig r;
  r.Write(0, "a\nbcd\nrest");
  LineSource source(r.table, r.slot, {true, true});
  std::uint64_t skipped = 9;
  CHECK(source.RawLength(0, 0, 100, false, &skipped) == 6);
  CHECK(skipped == 0);
  CHECK(source.RawLength(0, 0, 5, false, &skipped) == 2);
  CHECK(source.RawLength(0, 2, 2, false, &skipped) == 2);  // a line longer than the room
  CHECK(source.RawLength(0, 6, 100, false, &skipped) == 0);
  CHECK(source.RawLength(0, 6, 100, true, &skipped) == 4);
  CHECK(source.RawLength(0, 0, 100, true, &skipped) == 10);
  CHECK(source.RawLength(0, 10, 100, true, &skipped) == 0);
  CHECK(source.RawLength(1, 0, 100, true, &skipped) == 0);
  r.Write(1, "x\n" + std::string(20000, 'y'));
  CHECK(source.RawLength(1, 0, 1 << 20, false, &skipped) == 2);
  r.MoveTail(0, 2);
  CHECK(source.RawLength(0, 0, 100, false, &skipped) == 4);
  CHECK(skipped == 2);
}

TEST_CASE("ten million lines cost little", "[.speed]") {
  Rig r;
  const std::string line = std::string(99, 'x') + "\n";
  std::string text;
  while (text.size() + line.size() <= 50000) text += line;
  for (int i = 0; i < 200; ++i) r.Write(0, text);
  LineSource source(r.table, r.slot, {true, true});
  std::uint64_t lines = 0;
  const clock_t began = clock();
  while (lines < 10'000'000) {
    LogPositions from{};
    do {
      source.Next(from, kRoom, false, &r.batch);
      lines += r.batch.lines.size();
      from = r.batch.next;
    } while (r.batch.has_more);
  }
  const double took = static_cast<double>(clock() - began) / CLOCKS_PER_SEC;
  std::printf("%llu lines: %.2f s of CPU\n", static_cast<unsigned long long>(lines), took);
  CHECK(took < 20);
}

}  // namespace
}  // namespace foster
