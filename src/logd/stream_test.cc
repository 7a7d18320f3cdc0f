// SPDX-License-Identifier: MIT
#include "logd/stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

namespace foster {
namespace {

struct Rig {
  LogTable table = std::move(LogTable::Create().value());
  std::uint32_t slot = static_cast<std::uint32_t>(table.Allocate("web"));
  Stream streams[kLogStreams];
  UniqueFd writers[kLogStreams];

  Rig() {
    for (std::uint32_t i = 0; i < kLogStreams; ++i) {
      int ends[2];
      REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
      streams[i].slot = slot;
      streams[i].stream = i;
      streams[i].pipe.Reset(ends[0]);
      writers[i].Reset(ends[1]);
    }
    Slot().incarnation.store(3);
  }
  LogSlot& Slot() { return table.header().slots[slot]; }
  Fill Write(std::uint32_t stream, const std::string& text) {
    REQUIRE(write(writers[stream].get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    return FillFromPipe(table, streams[stream], 65536);
  }
  LogIndexEntry Index(std::uint64_t number) {
    LogIndexEntry entry{};
    REQUIRE(pread(table.arena_fd(), &entry, sizeof(entry),
                  ArenaBase(slot, kIndexStream) + static_cast<std::int64_t>(number * sizeof(entry))) ==
            sizeof(entry));
    return entry;
  }
  // What a new logd does.
  void TakeUpBoth() {
    for (Stream& s : streams) TakeUp(table, s);
  }
  void CheckConsistent() {
    std::uint64_t lines = 0;
    std::uint64_t ends[kLogStreams] = {};
    for (std::uint64_t i = 0; i < Slot().index_end.load(); ++i) {
      const LogIndexEntry entry = Index(i);
      CHECK(entry.lines == lines);
      lines += entry.newlines;
      CHECK(entry.ends[entry.stream] == ends[entry.stream] + entry.length);
      CHECK(entry.ends[1 - entry.stream] == ends[1 - entry.stream]);
      ends[entry.stream] = entry.ends[entry.stream];
    }
    CHECK(Slot().lines.load() == lines);
    for (std::uint32_t i = 0; i < kLogStreams; ++i) {
      CHECK(Slot().streams[i].indexed.load() == ends[i]);
      CHECK(Written(Slot().streams[i], slot, i) == ends[i]);
    }
  }
};

TEST_CASE("newlines are counted at any length and place") {
  for (std::size_t size : {0u, 1u, 15u, 16u, 17u, 4079u, 4080u, 4081u, 8160u, 9000u}) {
    CHECK(NewlinesIn(std::string(size, '\n')) == size);
    CHECK(NewlinesIn(std::string(size, '\v')) == 0);
    std::string mixed(size, 'x');
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < size; i += 1 + i % 7, ++count) mixed[i] = '\n';
    CHECK(NewlinesIn(mixed) == count);
  }
}

TEST_CASE("every splice has an entry that tells where, when and how many lines") {
  Rig r;
  REQUIRE(r.Write(0, "a\nb\nc") == Fill::kMoved);
  REQUIRE(r.Write(1, "E\n") == Fill::kMoved);
  REQUIRE(r.Write(0, "\n") == Fill::kMoved);
  CHECK(FillFromPipe(r.table, r.streams[0], 100) == Fill::kEmpty);
  REQUIRE(r.Slot().index_end.load() == 3);
  r.CheckConsistent();
  const LogIndexEntry second = r.Index(1);
  CHECK(second.stream == 1);
  CHECK(second.length == 2);
  CHECK(second.newlines == 1);
  CHECK(second.ends[0] == 5);
  CHECK(second.incarnation == 3);
  CHECK(second.wall >= r.Index(0).wall);
  CHECK(second.mono >= r.Index(0).mono);
  CHECK(r.Slot().lines.load() == 4);
}

// A kill between two instructions of recording, told by the values that were not yet stored.
TEST_CASE("a record that was cut short is finished, and never made twice") {
  Rig r;
  REQUIRE(r.Write(0, "a\n") == Fill::kMoved);
  const std::uint32_t stream = GENERATE(0u, 1u);
  const int cut = GENERATE(0, 1, 2, 3);
  const std::uint64_t indexed = r.Slot().streams[stream].indexed.load();
  REQUIRE(r.Write(stream, "b\nc\n") == Fill::kMoved);
  if (cut < 3) r.Slot().streams[stream].indexed.store(indexed);
  if (cut < 2) r.Slot().lines.store(1);
  if (cut < 1) r.Slot().index_end.store(1);
  r.TakeUpBoth();
  CHECK(r.Slot().index_end.load() == 2);
  r.CheckConsistent();
  r.TakeUpBoth();
  REQUIRE(r.Write(1 - stream, "d\n") == Fill::kMoved);
  r.CheckConsistent();
  CHECK(r.Slot().lines.load() == 4);
}

TEST_CASE("bytes of one stream that were not recorded wait for the other's half-done record") {
  Rig r;
  REQUIRE(r.Write(0, "a\n") == Fill::kMoved);
  REQUIRE(r.Write(1, "E\n") == Fill::kMoved);
  r.Slot().streams[1].indexed.store(0);  // killed before it was announced
  std::int64_t& at = r.Slot().streams[0].write_at;
  REQUIRE(pwrite(r.table.arena_fd(), "b\n", 2, at) == 2);  // moved when there was no memory for an entry
  at += 2;
  r.TakeUpBoth();
  CHECK(r.Slot().index_end.load() == 3);
  r.CheckConsistent();
}

}  // namespace
}  // namespace foster
