// SPDX-License-Identifier: MIT
#include "sys/log_reader.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

namespace foster {
namespace {

// Writes as logd does: bytes, chunk, indexed.
struct Writer {
  LogTable table = std::move(LogTable::Create().value());
  int slot = table.Allocate("web");
  std::int64_t now = 100;

  LogSlot& Slot() { return table.header().slots[slot]; }
  void Write(std::uint32_t stream, const std::string& text, bool with_chunk = true) {
    LogStream& s = Slot().streams[stream];
    REQUIRE(pwrite(table.arena_fd(), text.data(), text.size(), s.write_at) ==
            static_cast<ssize_t>(text.size()));
    s.write_at += static_cast<std::int64_t>(text.size());
    const std::uint64_t end = Written(s, 0, stream);
    if (with_chunk) {
      const std::uint64_t head = Slot().chunk_head.load();
      Slot().chunks[head % kLogChunks] = {end, now++, 7, stream, static_cast<std::uint32_t>(text.size())};
      Slot().chunk_head.store(head + 1);
    }
    s.indexed.store(end);
  }
  std::string Tail(std::size_t count) {
    std::string all;
    for (const LogLine& line : TailLines(table, slot, count, &cursor)) all += Show(line);
    return all;
  }
  std::string Since(std::size_t limit = 100) {
    std::string all;
    for (const LogLine& line : LinesSince(table, slot, &cursor, limit)) all += Show(line);
    return all;
  }
  static std::string Show(const LogLine& line) {
    return std::to_string(line.stream) + ":" + line.text + (line.partial ? "~" : ";");
  }
  LogCursor cursor;
};

TEST_CASE("both streams come in the order of their bytes") {
  Writer w;
  CHECK(w.Tail(10).empty());
  w.Write(0, "a\nb\n");
  w.Write(1, "E1\n");
  w.Write(0, "c\n");
  CHECK(w.Tail(10) == "0:a;0:b;1:E1;0:c;");
  CHECK(w.Tail(2) == "1:E1;0:c;");
  CHECK(ToText(w.cursor) == "6.3");
  CHECK(w.Since().empty());
  const auto lines = TailLines(w.table, w.slot, 1, &w.cursor);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].wall == 102);
  CHECK(lines[0].incarnation == 7);
}

TEST_CASE("a line belongs where its last byte came; a rest is shown but not passed") {
  Writer w;
  w.Write(0, "half");
  w.Write(1, "E\n");
  CHECK(w.Tail(10) == "0:half~1:E;");
  CHECK(ToText(w.cursor) == "0.2");
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

TEST_CASE("bytes that nobody knows the chunk of come first, stdout before stderr") {
  Writer w;
  w.Write(0, "old\n");
  w.Write(1, "old\n");
  for (std::uint32_t i = 0; i < kLogChunks; ++i) w.Write(1, std::to_string(i) + "\n");
  w.Write(0, "new\n");
  w.cursor = {};
  CHECK(w.Since(4) == "0:old;1:old;1:0;1:1;");
  CHECK(w.Tail(2) == "1:1023;0:new;");
  CHECK(TailLines(w.table, w.slot, 100000, &w.cursor).size() == kRetainLines);
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
  CHECK(cursor.position == std::array<std::uint64_t, 2>{12, 7});
  CHECK(ToText(cursor) == "12.7");
  for (const char* bad : {"", "12", "12.", ".7", "1.2.3", "-1.2", "1.x", " 1.2", "99999999999999999999.1"})
    CHECK_FALSE(FromText(bad, &cursor));
  CHECK(ToText(cursor) == "12.7");
}

}  // namespace
}  // namespace foster
