// SPDX-License-Identifier: MIT
#include "logd/ring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "logd/stream.h"

namespace foster {
namespace {

constexpr std::uint64_t kBytes = 128 * 1024;

struct Rig {
  LogTable table = std::move(LogTable::Create().value());
  std::uint32_t slot = static_cast<std::uint32_t>(table.Allocate("web"));
  Ring ring{table, slot, kBytes};
  Stream streams[kLogStreams];
  UniqueFd writers[kLogStreams];
  LogPositions floors{kNoFloor, kNoFloor};

  Rig() {
    for (std::uint32_t i = 0; i < kLogStreams; ++i) {
      int ends[2];
      REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
      streams[i].slot = slot;
      streams[i].stream = i;
      streams[i].pipe.Reset(ends[0]);
      writers[i].Reset(ends[1]);
    }
  }
  LogSlot& Slot() { return table.header().slots[slot]; }
  // As intake does it; false when the service would have to wait.
  bool Write(std::uint32_t stream, const std::string& text) {
    if (ring.Room(stream) == 0) ring.Trim(floors);
    if (ring.Room(stream) < text.size()) return false;
    REQUIRE(write(writers[stream].get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    REQUIRE(FillFromPipe(table, streams[stream], 65536) == Fill::kMoved);
    return true;
  }
  std::uint64_t Memory() {
    struct stat status {};
    REQUIRE(fstat(table.arena_fd(), &status) == 0);
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
  std::uint64_t Kept(std::uint32_t stream) {
    return Slot().streams[stream].indexed.load() - Slot().streams[stream].tail.load();
  }
  // Every byte that is kept is told of, and what is told begins with a line.
  void CheckReadable() {
    LineSource source(table, slot, {true, true});
    LineBatch batch;
    LogPositions from{Slot().streams[0].tail.load(), Slot().streams[1].tail.load()};
    std::uint64_t text = 0;
    std::uint64_t seq = 0;
    do {
      source.Next(from, 65536, false, &batch);
      for (const SourceLine& line : batch.lines) {
        if (seq != 0) CHECK(line.seq == seq + 1);
        CHECK_FALSE(line.is_continued);
        seq = line.seq;
        text += line.text.size() + 1;
      }
      CHECK(batch.skipped == LogPositions{});
      from = batch.next;
    } while (batch.has_more);
    CHECK(text == Kept(0) + Kept(1));
    CHECK(seq == Slot().lines.load());
  }
};

TEST_CASE("a flood keeps as much as was asked for, in whole lines") {
  Rig r;
  std::string text;
  for (int i = 0; i < 30; ++i) text += std::string(static_cast<std::size_t>(50 + i), 'x') + "\n";
  for (int i = 0; i < 3000; ++i) {
    REQUIRE(r.Write(0, text));
    REQUIRE(r.Kept(0) <= kBytes);
    if (i > 100) REQUIRE(r.Kept(0) >= kBytes / 2 - 8192);
  }
  CHECK(r.Memory() <= kBytes + 32768);
  r.CheckReadable();
}

TEST_CASE("short writes do not let the index grow, and a silent stream does not hold it") {
  Rig r;
  REQUIRE(r.Write(0, "the only line\n"));
  for (int i = 0; i < 50000; ++i) REQUIRE(r.Write(1, "x\n"));
  CHECK(r.Memory() <= kBytes + 32768);
  CHECK(r.Slot().index_end.load() - r.Slot().index_tail.load() <= kBytes / sizeof(LogIndexEntry));
  CHECK(r.Kept(0) == 0);
  r.CheckReadable();
}

TEST_CASE("what is still needed stays, and the service waits") {
  Rig r;
  const std::string line = std::string(99, 'x') + "\n";
  r.floors = {1000, kNoFloor};
  int count = 0;
  while (r.Write(0, line)) ++count;
  CHECK(r.Slot().streams[0].tail.load() <= 1000);
  CHECK(r.Kept(0) + 64u * static_cast<unsigned>(count) <= kBytes);
  CHECK(count > 300);
  CHECK_FALSE(r.Write(0, line));
  r.floors[0] = kNoFloor;
  CHECK(r.Write(0, line));
  r.CheckReadable();
}

TEST_CASE("the index of one stream waits for what is needed of the other") {
  Rig r;
  REQUIRE(r.Write(0, "needed\n"));
  r.floors = {0, kNoFloor};
  int count = 0;
  while (r.Write(1, "x\n")) ++count;
  CHECK(count > 1000);
  CHECK(count < 3000);
  CHECK(r.Slot().streams[0].tail.load() == 0);
  r.floors[0] = 7;
  CHECK(r.Write(1, "x\n"));
  r.CheckReadable();
}

TEST_CASE("a ring is shrunk and emptied") {
  Rig r;
  const std::string line = std::string(99, 'x') + "\n";
  for (int i = 0; i < 500; ++i) REQUIRE(r.Write(0, line));
  r.floors = {20000, kNoFloor};
  r.ring.Shrink(r.floors);
  CHECK(r.Slot().streams[0].tail.load() == 15000);
  r.CheckReadable();
  r.ring.Empty();
  CHECK(r.ring.Kept() == 0);
  CHECK(r.Memory() <= 8192);
  REQUIRE(r.Write(0, line));
  CHECK(r.Slot().lines.load() == 501);
  r.CheckReadable();
}

TEST_CASE("a smaller size takes effect at once") {
  Rig r;
  const std::string line = std::string(99, 'x') + "\n";
  for (int i = 0; i < 600; ++i) REQUIRE(r.Write(0, line));
  r.ring.Resize(kLeastRingBytes);
  r.ring.Trim(r.floors);
  CHECK(r.Kept(0) <= kLeastRingBytes);
  r.CheckReadable();
}

}  // namespace
}  // namespace foster
