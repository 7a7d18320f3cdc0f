// SPDX-License-Identifier: MIT
#include "sys/log_table.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

namespace foster {
namespace {

void Append(LogTable& table, int slot, std::uint32_t stream, const std::string& text) {
  LogStream& s = table.header().slots[slot].streams[stream];
  REQUIRE(pwrite(table.arena_fd(), text.data(), text.size(), s.write_at) ==
          static_cast<ssize_t>(text.size()));
  s.write_at += static_cast<std::int64_t>(text.size());
}

TEST_CASE("slots are given by name and found again through the two memories") {
  auto made = LogTable::Create();
  REQUIRE(made.ok());
  LogTable& table = *made;
  CHECK(table.Find("web") == -1);
  const int web = table.Allocate("web");
  const int api = table.Allocate("w/api");
  CHECK(web == 0);
  CHECK(api == 1);
  CHECK(table.Allocate("") == -1);
  CHECK(table.Allocate(std::string(120, 'x')) == -1);
  CHECK(table.Allocate(std::string(119, 'x')) == 2);
  Append(table, api, 1, "hello\n");

  auto again = LogTable::Open(UniqueFd(dup(table.table_fd())), UniqueFd(dup(table.arena_fd())));
  REQUIRE(again.ok());
  CHECK(again->Find("w/api") == api);
  CHECK(again->Find(std::string(119, 'x')) == 2);
  CHECK(Written(again->header().slots[api].streams[1], 1, 1) == 6);
  CHECK(Written(again->header().slots[api].streams[0], 1, 0) == 0);
}

TEST_CASE("a freed slot is given again, its positions go on and its pages are gone") {
  auto made = LogTable::Create();
  REQUIRE(made.ok());
  LogTable& table = *made;
  const int slot = table.Allocate("web");
  Append(table, slot, 0, std::string(1 << 20, 'x') + "abc");
  struct stat before {};
  REQUIRE(fstat(table.arena_fd(), &before) == 0);
  table.Free(slot);
  table.Free(slot);
  table.Free(-1);
  struct stat after {};
  REQUIRE(fstat(table.arena_fd(), &after) == 0);
  CHECK(before.st_blocks >= 2048);
  CHECK(after.st_blocks <= 16);
  CHECK(table.Find("web") == -1);
  CHECK(table.Allocate("other") == slot);
  const LogStream& s = table.header().slots[slot].streams[0];
  CHECK(s.tail.load() == (1u << 20) + 3);
  CHECK(Written(s, 0, 0) == s.tail.load());
}

TEST_CASE("a life begins behind what was written and what waits in the pipe, once") {
  auto made = LogTable::Create();
  REQUIRE(made.ok());
  LogTable& table = *made;
  const int slot = table.Allocate("web");
  const LogSlot& entry = table.header().slots[slot];
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  Append(table, slot, 0, "of before\n");
  Append(table, slot, 1, "err\n");
  REQUIRE(write(ends[1], "late\n", 5) == 5);
  table.BeginIncarnation(slot, 7, {ends[0], -1});
  CHECK(entry.incarnation.load() == 7);
  CHECK(entry.begin[0].load() == 15);
  CHECK(entry.begin[1].load() == 4);
  Append(table, slot, 0, "late\nof this one\n");
  table.BeginIncarnation(slot, 7, {ends[1], -1});
  CHECK(entry.begin[0].load() == 15);
  close(ends[0]);
  close(ends[1]);
  table.BeginIncarnation(slot, 8, {ends[0], ends[1]});  // closed: as if they were not at hand
  CHECK(entry.begin[0].load() == 27);
}

TEST_CASE("every slot can be given, one more cannot, and looking for a name costs no memory") {
  auto made = LogTable::Create();
  REQUIRE(made.ok());
  struct stat fresh {};
  CHECK(made->Find("nobody") == -1);
  REQUIRE(fstat(made->table_fd(), &fresh) == 0);
  CHECK(fresh.st_blocks <= 16);
  for (std::uint32_t i = 0; i < kLogSlots; ++i)
    REQUIRE(made->Allocate("s" + std::to_string(i)) == static_cast<int>(i));
  CHECK(made->Allocate("one more") == -1);
  CHECK(made->Find("s4095") == 4095);
}

TEST_CASE("each life of the container has a name and a beginning of its own") {
  auto one = LogTable::Create();
  auto two = LogTable::Create();
  REQUIRE((one.ok() && two.ok()));
  const auto name = [](LogTable& table) {
    return std::string(reinterpret_cast<const char*>(table.header().boot), sizeof(table.header().boot));
  };
  CHECK(name(*one) != std::string(16, '\0'));
  CHECK(name(*one) != name(*two));
  CHECK(one->header().boot_wall > 1'700'000'000'000'000'000);
}

std::uint64_t Blocks(LogTable& table) {
  struct stat status {};
  REQUIRE(fstat(table.arena_fd(), &status) == 0);
  return static_cast<std::uint64_t>(status.st_blocks);
}

TEST_CASE("a slot's config is replaced as a whole and goes with the slot") {
  auto made = LogTable::Create();
  REQUIRE(made.ok());
  LogTable& table = *made;
  const int slot = table.Allocate("web");
  CHECK(table.ConfigOf(slot).empty());
  CHECK(table.ConfigOf(-1).empty());
  CHECK_FALSE(table.Configure(-1, "x"));
  CHECK_FALSE(table.Configure(slot, std::string(kMostConfigBytes + 1, 'x')));
  CHECK(table.ConfigOf(slot).empty());
  std::uint64_t before = 0;
  for (std::size_t size :
       {std::size_t{1}, std::size_t{kMostConfigBytes}, std::size_t{5000}, std::size_t{3}}) {
    const std::string config(size, static_cast<char>('a' + size % 26));
    REQUIRE(table.Configure(slot, config));
    CHECK(table.ConfigOf(slot) == config);
    CHECK(table.header().slots[slot].config.load() != before);
    before = table.header().slots[slot].config.load();
  }
  CHECK(Blocks(table) <= 8);  // what was replaced is gone
  table.Free(slot);
  CHECK(table.ConfigOf(slot).empty());
  CHECK(Blocks(table) == 0);
}

TEST_CASE("a freed slot keeps nothing of its service") {
  auto made = LogTable::Create();
  REQUIRE(made.ok());
  LogTable& table = *made;
  const int slot = table.Allocate("web");
  LogSlot& entry = table.header().slots[slot];
  const std::string entries(sizeof(LogIndexEntry) * 1000, 'x');
  REQUIRE(pwrite(table.arena_fd(), entries.data(), entries.size(), ArenaBase(0, kIndexStream)) == 64000);
  entry.index_end.store(1000);
  entry.lines.store(77);
  entry.followers.store(2);
  entry.rotate.store(3);
  entry.sinks[7].identity.store(9);
  entry.sinks[7].position[1].store(10);
  entry.sinks[7].step_valid.store(1);
  table.Free(slot);
  REQUIRE(table.Allocate("other") == slot);
  CHECK(entry.index_end.load() == 1000);
  CHECK(entry.index_tail.load() == 1000);
  CHECK(Blocks(table) <= 8);
  CHECK(entry.lines.load() == 0);
  CHECK(entry.followers.load() == 0);
  CHECK(entry.rotate.load() == 0);
  CHECK(entry.sinks[7].identity.load() == 0);
  CHECK(entry.sinks[7].position[1].load() == 0);
  CHECK(entry.sinks[7].step_valid.load() == 0);
}

TEST_CASE("foreign or short memories are refused") {
  auto made = LogTable::Create();
  REQUIRE(made.ok());
  CHECK_FALSE(LogTable::Open(UniqueFd(dup(made->arena_fd())), UniqueFd(dup(made->table_fd()))).ok());
  CHECK_FALSE(LogTable::Open(UniqueFd(), UniqueFd()).ok());
  made->header().version = 99;
  CHECK_FALSE(LogTable::Open(UniqueFd(dup(made->table_fd())), UniqueFd(dup(made->arena_fd()))).ok());
}

}  // namespace
}  // namespace foster
