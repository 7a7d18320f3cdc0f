// SPDX-License-Identifier: MIT
#include "logd/rotation.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "log_rig.h"

namespace foster {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kWall = 1795246355 * kSecond;  // 2026-11-21T07:32:35Z

struct Directory {
  LogRig rig;
  std::string file = rig.Path("web.log");
  void Make(const std::string& name, const std::string& content = "x") const { Put(rig.Path(name), content); }
  std::string Of(const std::string& name) const { return ContentOf(rig.Path(name)); }
  // Every file but the current one, by name.
  std::string Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(rig.directory()))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += name + " ";
    return text;
  }
  void SetAge(const std::string& name, std::int64_t seconds) const {
    const timespec times[2] = {{kWall / kSecond - seconds, 0}, {kWall / kSecond - seconds, 0}};
    REQUIRE(utimensat(AT_FDCWD, rig.Path(name).c_str(), times, 0) == 0);
  }
};

LogRotation Keep(std::uint32_t backups, LogNaming naming = LogNaming::kNumbered) {
  LogRotation rotation;
  rotation.backups = backups;
  rotation.naming = naming;
  return rotation;
}

TEST_CASE("numbers shift up, and the oldest that may not stay goes") {
  Directory d;
  for (int i = 0; i < 5; ++i) {
    d.Make("web.log", std::to_string(i));
    REQUIRE(MoveToArchive(d.file, Keep(3), kWall).ok());
  }
  CHECK(d.Names() == "web.log.1 web.log.2 web.log.3 ");
  CHECK(d.Of("web.log.1") + d.Of("web.log.2") + d.Of("web.log.3") == "432");
}

TEST_CASE("compressed archives keep their suffix, and a gap stops the shift") {
  Directory d;
  d.Make("web.log", "new");
  d.Make("web.log.1", "one");
  d.Make("web.log.2.gz", "two");
  d.Make("web.log.4", "four");
  REQUIRE(MoveToArchive(d.file, Keep(4), kWall).ok());
  CHECK(d.Names() == "web.log.1 web.log.2 web.log.3.gz web.log.4 ");
  CHECK(d.Of("web.log.1") == "new");
  CHECK(d.Of("web.log.2") == "one");
  CHECK(d.Of("web.log.4") == "four");
}

TEST_CASE("a shift that was stopped anywhere goes on without dropping anything") {
  for (int stopped = 0; stopped <= 3; ++stopped) {
    Directory d;
    d.Make("web.log", "new");
    for (int i = 1; i <= 3; ++i) d.Make("web.log." + std::to_string(i), std::to_string(i));
    // As far as the other one came: 3 -> 4, 2 -> 3, 1 -> 2.
    for (int i = 3; i > 3 - stopped; --i)
      REQUIRE(rename(d.rig.Path("web.log." + std::to_string(i)).c_str(),
                     d.rig.Path("web.log." + std::to_string(i + 1)).c_str()) == 0);
    REQUIRE(MoveToArchive(d.file, Keep(4), kWall).ok());
    CHECK(d.Of("web.log.1") == "new");
    CHECK(d.Of("web.log.2") + d.Of("web.log.3") + d.Of("web.log.4") == "123");
  }
}

TEST_CASE("dated names never collide nor go backwards") {
  for (LogNaming naming : {LogNaming::kDated, LogNaming::kTai64n}) {
    Directory d;
    for (int i = 0; i < 3; ++i) {
      d.Make("web.log", std::to_string(i));
      REQUIRE(MoveToArchive(d.file, Keep(9, naming), kWall - i * kSecond).ok());  // the clock is put back
    }
    const auto archives = ListArchives(d.file, {});
    REQUIRE(archives->size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(ContentOf((*archives)[i].path) == std::to_string(i));
  }
}

TEST_CASE("archives that are too many, too old or too much go, the oldest first") {
  Directory d;
  for (int i = 1; i <= 6; ++i) {
    d.Make("web.log." + std::to_string(i), std::string(100, 'x'));
    d.SetAge("web.log." + std::to_string(i), i * 100);
  }
  LogRotation rotation = Keep(5);
  CHECK(*DropOldArchives(d.file, rotation, 0, kWall) == 0);
  CHECK(d.Names() == "web.log.1 web.log.2 web.log.3 web.log.4 web.log.5 ");
  rotation.max_age = Millis(450'000);
  CHECK(*DropOldArchives(d.file, rotation, 0, kWall) == kWall + 50 * kSecond);
  CHECK(d.Names() == "web.log.1 web.log.2 web.log.3 web.log.4 ");
  rotation.max_total = 350;
  CHECK(*DropOldArchives(d.file, rotation, 50, kWall) == kWall + 150 * kSecond);
  CHECK(d.Names() == "web.log.1 web.log.2 web.log.3 ");
  rotation.max_bytes = 120;  // room for the whole of the current file
  CHECK(*DropOldArchives(d.file, rotation, 50, kWall) == kWall + 250 * kSecond);
  CHECK(d.Names() == "web.log.1 web.log.2 ");
}

TEST_CASE("what a killed one left is tidied up") {
  Directory d;
  d.Make("web.log.1");
  d.Make("web.log.1.zst.tmp");
  d.Make("web.log.2");
  d.Make("web.log.2.zst");
  d.Make("web.log.3.gz");
  d.Make("other.log.1.zst.tmp");
  REQUIRE(TidyArchives(d.file, LogNaming::kNumbered).ok());
  CHECK(d.Names() == "other.log.1.zst.tmp web.log.1 web.log.2.zst web.log.3.gz ");
}

TEST_CASE("a compressed archive takes the place to which the plain one has moved") {
  Directory d;
  d.Make("web.log.1", "one");
  LogRotation rotation = Keep(5);
  CHECK_FALSE(NextToCompress(d.file, rotation)->has_value());
  rotation.compression = LogCompression::kZstd;
  const Archive next = **NextToCompress(d.file, rotation);
  CHECK(BaseOf(next.path) == "web.log.1");
  d.Make("web.log.1.zst.tmp", "packed");
  d.Make("web.log", "new");
  REQUIRE(MoveToArchive(d.file, rotation, kWall).ok());
  REQUIRE(TakeCompressed(d.file, LogNaming::kNumbered, next.inode, LogCompression::kZstd,
                         d.rig.Path("web.log.1.zst.tmp"))
              .ok());
  CHECK(d.Names() == "web.log.1 web.log.2.zst ");
  CHECK(d.Of("web.log.2.zst") == "packed");
  d.Make("web.log.9.zst.tmp", "of one that was dropped");
  REQUIRE(TakeCompressed(d.file, LogNaming::kNumbered, next.inode, LogCompression::kZstd,
                         d.rig.Path("web.log.9.zst.tmp"))
              .ok());
  CHECK(d.Names() == "web.log.1 web.log.2.zst ");
}

TEST_CASE("turns by time are multiples since local midnight, or since 1970") {
  setenv("TZ", "Europe/Berlin", 1);
  tzset();
  LogRotation rotation;
  CHECK(NextTurn(rotation, kWall) == 0);
  rotation.every = std::chrono::hours(1);  // 08:32:35 there
  CHECK(NextTurn(rotation, kWall) == (1795246355 - 32 * 60 - 35 + 3600) * kSecond);
  rotation.every = std::chrono::hours(24);
  CHECK(NextTurn(rotation, kWall) == 1795302000 * kSecond);  // 2026-11-22T00:00:00+01:00
  CHECK(NextTurn(rotation, 1795302000 * kSecond) == (1795302000 + 86400) * kSecond);
  rotation.every = std::chrono::hours(7);  // the last turn of a day is at midnight
  CHECK(NextTurn(rotation, 1795302000 * kSecond - kSecond) == 1795302000 * kSecond);
  CHECK(NextTurn(rotation, kWall) == (1795302000 - 10 * 3600) * kSecond);  // 14:00
  rotation.every = std::chrono::hours(24 * 7);
  const std::int64_t week = 7 * 86400;
  CHECK(NextTurn(rotation, kWall) == (1795246355 / week + 1) * week * kSecond);
  unsetenv("TZ");
  tzset();
}

}  // namespace
}  // namespace foster
